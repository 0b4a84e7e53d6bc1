# Count the words of the text.
wc -w < text.txt > count.txt
