# Makes a file of each saying, in /srv/sayings. This takes a while, and sayings change rarely.
mkdir -p /srv/sayings
number=0
while read -r line; do
    number=$((number + 1))
    echo "$line" > "/srv/sayings/$number"
done < /srv/sayings.txt
sleep 1
