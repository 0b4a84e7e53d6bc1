echo "Everything is in order."
