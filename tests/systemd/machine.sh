#!/bin/sh
# Runs a command beside a real systemd, as root: machine.sh PAPA COMMAND...
#
# systemd is PID 1 of namespaces of its own. PAPA is the program that the units find as papa; COMMAND is run once
# systemd has started, and everything ends with it. Nothing outside changes but for one control group, which is removed
# at the end: mounts, accounts, processes and the network are the machine's own. Of the system's units there are only
# those that papa's need, so that nothing else is started.
set -eu

if [ "${machine_stage:-}" = "" ]; then
    exec env machine_stage=outside unshare --mount --propagation private "$0" "$@"
fi
papa=$1
wait_for() {
    tries=0
    until "$1"; do
        tries=$((tries + 1))
        [ "$tries" -lt 400 ] || exit 1
        sleep 0.05
    done
}
sources=$(readlink -f "$(dirname "$0")/../..")

if [ "$machine_stage" = outside ]; then
    shift
    cgroups=$(mktemp --directory)
    mount -t cgroup2 cgroup2 "$cgroups"
    above=$cgroups$(sed -n 's/^0:://p' /proc/self/cgroup)
    group=$above/papa-machine-$$
    mkdir "$group"
    echo $$ >"$group/cgroup.procs"
    # Where its child is killed, unshare(1) complains about a signal.
    machine_stage=inside unshare --fork --kill-child --pid --cgroup --mount --net --ipc --uts "$0" "$papa" 3>&2 2>/dev/null &
    machine=$!
    find_systemd() {
        pid=$(cat "/proc/$machine/task/$machine/children")
        pid=${pid% }
        [ "$pid" ] && [ "$(cat "/proc/$pid/comm")" = systemd ]
    }
    has_started() {
        nsenter --target "$pid" --all systemctl is-system-running --quiet 2>/dev/null
    }
    wait_for find_systemd
    wait_for has_started
    status=0
    env --unset=machine_stage nsenter --target "$pid" --all --wd="$PWD" "$@" || status=$?
    kill -KILL "$pid"
    wait "$machine" || :
    echo $$ >"$above/cgroup.procs"
    find "$group" -depth -type d -exec rmdir {} +
    umount "$cgroups"
    rmdir "$cgroups"
    exit "$status"
fi

exec 2>&3 3>&-
mount -t proc proc /proc
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
ip link set lo up

# Devices, among them the journal's /dev/log.
mkdir /run/dev
mount -t tmpfs -o mode=755 tmpfs /run/dev
for node in null zero full random urandom tty; do
    : >"/run/dev/$node"
    mount --bind "/dev/$node" "/run/dev/$node"
done
mkdir /run/dev/pts /run/dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts /run/dev/pts
mount -t tmpfs tmpfs /run/dev/shm
ln -s pts/ptmx /run/dev/ptmx
ln -s /proc/self/fd /run/dev/fd
mount --move /run/dev /dev

# What is written to /etc stays in here: the account, the units, the name of the machine.
mkdir /run/etc /run/work
mount -t tmpfs tmpfs /run/etc
mkdir /run/etc/upper /run/etc/work
mount -t overlay -o lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work overlay /etc
tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
mount -t tmpfs -o mode=755 tmpfs /etc/systemd
mkdir /etc/systemd/system

mkdir /run/units
for unit in basic.target sysinit.target sockets.target multi-user.target shutdown.target timers.target paths.target \
    slices.target systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket; do
    cp "/lib/systemd/system/$unit" /run/units
done
mkdir /run/units/sysinit.target.wants
ln -s ../systemd-journald.service /run/units/sysinit.target.wants
mount --bind /run/units /lib/systemd/system

# papa's user must reach the interpreter and the sources. Where they lie in somebody's home, which is closed to others,
# they are shown at the same place of an empty one.
find_closed() {
    place=$1
    while [ "$place" != / ]; do
        [ $(($(stat --format=%a "$place") % 2)) = 1 ] || echo "$place"
        place=$(dirname "$place")
    done | tail -n 1
}
python=$(readlink -f "$(dirname "$papa")/python")
set -- "$(dirname "$(dirname "$python")")" "$sources"
for place; do
    mkdir -p "/run/shown$place"
    mount --bind "$place" "/run/shown$place"
done
for place; do
    closed=$(find_closed "$place")
    [ "$closed" ] && mount -t tmpfs -o mode=755 tmpfs "$closed"
    mkdir -p "$place"
    mount --bind "/run/shown$place" "$place"
done

# Where the unit's ExecStart=papa is looked for.
mount -t tmpfs -o mode=755 tmpfs /usr/local/bin
ln -s "$papa" /usr/local/bin/papa
useradd --system --user-group --shell /usr/sbin/nologin papa
cp "$sources/systemd/papa.service" "$sources/systemd/papa.socket" /etc/systemd/system

exec env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin container=other \
    SYSTEMD_GENERATOR_PATH=/run/none /lib/systemd/systemd --system --unit=basic.target --show-status=no
