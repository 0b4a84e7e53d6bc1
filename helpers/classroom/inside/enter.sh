#!/bin/sh
# The first program of a learner's container: moves onto the learner's disk, then starts the rest.
#
# The root of the container lies on the instructor's disk. It is left for one whose changes go to the
# learner's own disk, so that whoever fills "their" disk fills that one and no other.
set -e

name=$(cat /etc/layer-by-layer-image) # a new image begins with a new layer on top
layer=/disk/root/$name
for old in /disk/root/*; do
    [ "$old" = "$layer" ] || rm -rf "$old"
done
mkdir -p "$layer/upper" "$layer/work" /disk/docker
root=/run/root
mkdir -p $root
mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work,userxattr" $root

# Its control group is handed over by the hub a moment after the start.
tries=0
until [ -d /sys/fs/cgroup/engine ] || [ -d /sys/fs/cgroup/memory/engine ]; do
    tries=$((tries + 1))
    [ $tries -le 100 ] || { echo "no control group was handed over" >&2; exit 70; }
    sleep 0.1
done
for place in /sys/fs/cgroup /sys/fs/cgroup/*; do
    mountpoint -q "$place" && mount -o remount,bind,rw "$place" || :
done

for place in proc sys dev disk; do
    mkdir -p $root/$place
    mount --rbind /$place $root/$place
done
mount -t tmpfs -o mode=755,size=64m tmpfs $root/run
# Docker hands these in as files of the instructor's disk: copies go to the learner's.
for file in resolv.conf hosts hostname; do
    cat /etc/$file >$root/etc/$file
done

cd $root
mkdir -p .old
pivot_root . .old
cd /
umount -l /.old
rmdir /.old 2>/dev/null || :
mount --make-rshared /

exec /usr/bin/docker-init -- /course/.venv/bin/python -m helpers.classroom.inside.learner
