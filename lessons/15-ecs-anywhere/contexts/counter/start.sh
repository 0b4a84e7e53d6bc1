# A stand-in for a program that looks after crates in a store: it waits until it is told to end.
trap 'exit 0' TERM
echo "the counter runs"
while true; do
    sleep 3600 &
    wait $!
done
