"""An open debug shell on UDP 4000 was the worst of this family. Here nothing is open but what was announced."""

from pathlib import Path

import psutil

from e2e.demo_process import DemoProcess


def open_ports(processes: list[psutil.Process]) -> set[tuple[str, int]]:
    """Every TCP port that listens and every UDP port that is bound, by any of these processes."""
    found = set()
    for process in processes:
        for one in process.net_connections(kind="inet"):
            kind = "tcp" if one.type.name == "SOCK_STREAM" else "udp"
            if kind == "udp" or one.status == psutil.CONN_LISTEN:
                found.add((kind, one.laddr.port))
                assert one.laddr.ip == "127.0.0.1", "not for others unless told so"
    return found


def test_a_running_device_listens_where_it_says_and_nowhere_else(tmp_path: Path) -> None:
    with DemoProcess(tmp_path, "--modules", "8", "--strings", "1") as demo:
        demo.until_ready()
        device, room = psutil.Process(demo.process.pid), demo.remember_children()
        announced = {("tcp", demo.port), ("tcp", demo.modbus_port), ("udp", demo.snmp_port)}
        assert open_ports([device]) == announced
        assert len(room) >= 1
        open_ports(room)  # receivers to send to, in the simulation only and for this host only
