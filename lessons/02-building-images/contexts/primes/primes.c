#include <stdio.h>

/* Prints the primes below 50. */
int main(void)
{
    for (int number = 2; number < 50; number++) {
        int divisor = 2;
        while (divisor * divisor <= number && number % divisor)
            divisor++;
        if (divisor * divisor > number)
            printf("%d ", number);
    }
    printf("\n");
    return 0;
}
