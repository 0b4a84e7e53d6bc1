# ECS sends SIGTERM when a task shall end; process 1 has to say itself what it does then.
trap 'exit 0' TERM
mkdir -p /srv && cd /srv
echo "version $VERSION on $(hostname)" > index.html
echo well > health
httpd -f -p 8000 &
wait $!
