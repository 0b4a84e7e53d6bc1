#include <stdio.h>

const char *cup(void);
const char *tea(void);

int main(void) {
    printf("%s of %s\n", cup(), tea());
    return 0;
}
