# Serve the page in /www on port 80, until somebody asks to end (SIGTERM).
trap 'echo "closing"; exit 0' TERM
httpd -p 80 -h /www
sleep 999999 &
echo "open"
wait
