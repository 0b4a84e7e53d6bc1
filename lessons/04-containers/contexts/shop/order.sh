# Write down an order, for example: sh /bin/order.sh tea
echo "$1" >> /data/orders.txt && wc -l < /data/orders.txt
