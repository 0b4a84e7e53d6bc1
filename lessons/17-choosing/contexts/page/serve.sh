# A page on port 8000. What differs from place to place comes from outside: VERSION, GREETING, and a
# key, in the variable KEY or in the file /run/secrets/key. Without a key it is not well.
stop() { sleep 1; kill "$server"; exit 0; }    # requests that are under way are answered
trap stop TERM
[ -n "$KEY" ] || KEY=$(cat /run/secrets/key 2> /dev/null)
mkdir -p /tmp/www
{
    echo "version $VERSION on $(hostname)"
    echo "$GREETING"
    cat /srv/sayings/1
} > /tmp/www/index.html
[ -z "$KEY" ] || echo well > /tmp/www/health
httpd -f -p 8000 -h /tmp/www &
server=$!
wait "$server"
