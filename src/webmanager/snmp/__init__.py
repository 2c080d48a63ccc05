"""SNMP: the table of objects (pure), the agent that answers, traps and informs."""
