const char *cup(void) { return "A small cup"; }
