#!/bin/sh
# Put the pages below the title.
cat title.txt pages/*.txt > index.txt
