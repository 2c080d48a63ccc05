"""COM3: the module bus, from bytes (`frame`, `commands`) over one serial port (`link`) to `SerialModuleBus`."""
