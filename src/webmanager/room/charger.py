"""Rectifier, mains and load: what the bus offers the batteries at this moment."""

from dataclasses import dataclass

from webmanager.room.battery import Batteries, Feed


@dataclass(slots=True)
class Charger:
    """A rectifier with float and boost voltage, a current limit for all strings together, and the load behind it.

    With mains it feeds the load and charges; without, the battery feeds the load until the bus falls to
    `cutoff_v_per_cell`, where the load is shed until the mains return. `off` (a fault) leaves the battery uncharged
    while the mains feed the load; `overvoltage_v_per_cell` (a fault) replaces the set point.
    `temperature_v_per_k` compensates the set point per cell for an ambient other than 25 degC (0: none, -0.0033 usual).
    """

    float_v_per_cell: float
    boost_v_per_cell: float
    current_limit_a: float
    mains: bool = True
    boost: bool = False
    load_w: float = 0.0
    off: bool = False
    overvoltage_v_per_cell: float | None = None
    temperature_v_per_k: float = 0.0
    cutoff_v_per_cell: float = 1.60
    shed: bool = False

    @classmethod
    def for_batteries(cls, batteries: Batteries) -> "Charger":
        """A charger as a planner would choose it: the maker's voltages, 0.15 C10 for each string."""
        chemistry = batteries.chemistry
        limit_a = 0.15 * batteries.block.capacity_ah * batteries.strings
        return cls(chemistry.float_v_per_cell, chemistry.boost_v_per_cell, limit_a)

    def feed(self, batteries: Batteries) -> Feed:
        """What the batteries get in the next step; notices the end of discharge."""
        if self.mains:
            self.shed = False
            voltage_v = None if self.off else self.set_v_per_cell(batteries.ambient_c) * batteries.nominal_cells
            return Feed(voltage_v, self.current_limit_a, 0.0)
        if self.load_w > 0 and batteries.bus_v < self.cutoff_v_per_cell * batteries.nominal_cells:
            self.shed = True
        return Feed(None, 0.0, 0.0 if self.shed else self.load_w)

    def set_v_per_cell(self, ambient_c: float) -> float:
        """The set point per cell, V, at an ambient temperature."""
        if self.overvoltage_v_per_cell is not None:
            return self.overvoltage_v_per_cell
        set_v = self.boost_v_per_cell if self.boost else self.float_v_per_cell
        return set_v + self.temperature_v_per_k * (ambient_c - 25.0)
