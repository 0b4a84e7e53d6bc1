#include <stdio.h>

/* Says how many words it was given. */
int main(int count, char **words)
{
    (void)words;
    printf("%d words\n", count - 1);
    return 0;
}
