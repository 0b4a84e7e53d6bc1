const char *tea(void) { return "green tea"; }
