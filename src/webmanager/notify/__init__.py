"""Ways out: email, RCCMD, SMS, syslog, webhook, Wake-on-LAN. One file each; none knows another."""
