#!/bin/sh
# The first program of a learner's container: moves onto the learner's disk, then starts the rest.
#
# The root of the container lies on the instructor's disk. It is left for one whose changes go to the
# learner's own disk, so that whoever fills "their" disk fills that one and no other. Below that
# layer the image may be another one the next time; what makes that undefined is off
# (https://docs.kernel.org/filesystems/overlayfs.html, "Changes to underlying filesystems").
set -e

layer=/disk/root
mkdir -p $layer/upper $layer/work /disk/docker /disk/engines /disk/work
root=/run/root
mkdir -p $root
mount -t overlay overlay \
    -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work,userxattr,index=off,xino=off" $root

# Its control group was handed on (helpers/classroom/runtime.py); Docker mounts it read-only.
for place in /sys/fs/cgroup /sys/fs/cgroup/*; do
    mountpoint -q "$place" && mount -o remount,bind,rw "$place" || :
done

for place in proc sys dev disk; do
    mkdir -p $root/$place
    mount --rbind /$place $root/$place
done
mount -t tmpfs -o mode=755,size=64m tmpfs $root/run
# Notebooks: they outlive a root that somebody broke (`classroom reset`).
mkdir -p $root/course/work
mount --bind /disk/work $root/course/work
# A second engine (lesson 06) cannot store its layers on layers.
engines=$root/root/.cache/layer-by-layer/engines
mkdir -p $engines
mount --bind /disk/engines $engines
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
