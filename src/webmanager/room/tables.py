"""The tables of the battery physics: which row holds which quantity; one column a block. No values, only names."""

# State: what the past has left.
U1, U2, V, SURFACE, TEMPERATURE, READY, AGE, SOFT_SULPHATE, HARD_SULPHATE, BOILED, GASSED = range(11)
STATE_ROWS = 11

# Parameters: what a block is, and what faults change.
CELLS, Q_AH, R0, RD, RC, LAYER_F, IG0, LEAK, LINK, HEAT_CAPACITY, COOLING = range(11)
PARAMETER_ROWS = 11

# Inputs: what modules and room write.
REFERENCE, SENSE_OFFSET, GAIN, DEADBAND, MAX_A, SUPPLY_W, RACK_K = range(7)
INPUT_ROWS = 7

# Factors on the parameters, renewed by `ageing`.
F_Q, F_R0, F_RD, F_RC, F_IG = range(5)
FACTOR_ROWS = 5

# Outputs: what the last step brought.
VOLTAGE, CURRENT, BYPASS, GASSING, SOC, HEAT, LIMIT = range(7)
OUTPUT_ROWS = 7

# Flags: on which straight piece of its curves each block was.
CHARGING, LINEAR, SATURATED = range(3)
FLAG_ROWS = 3

# Constants of a cell set, scaled to the block's capacity, in one vector.
E0, E_SLOPE, E_CURVE, E_LOG, E_OFFSET, E_FLOOR, SHARE, RATE, D_RISE, C_RISE, C_POLE, C_EXPONENT, FULL_CUT = range(13)
S_VOLT, S_UP, S_DOWN, S_DECAY, DIP_VOLT, DIP_HALF, DIP_CHARGE, G_REF, G_WIDTH, G_PER_K, G_ESCAPE = range(13, 24)
CONSTANTS = 24
