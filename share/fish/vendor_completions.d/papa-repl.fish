# Completion of papa-repl for fish: papa-repl --shell-completion fish | source
function __papa_repl_complete
    set -l valued -c -f -p --port -u --unix-socket --connect --timeout --color --tee --complete --shell-completion --config --edit
    set -l connecting -p --port -u --unix-socket --connect
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l connection
    while set -q words[1]; and string match -q -- '-*' $words[1]
        if contains -- $words[1] $valued
            if not set -q words[2]
                __fish_complete_path $current
                return
            end
            contains -- $words[1] $connecting; and set connection $connection $words[1] $words[2]
            set -e words[1]
        end
        set -e words[1]
    end
    if not set -q words[1]; and string match -q -- '-*' $current
        printf '%s\n' -c -f -x -p --port -u --unix-socket --connect --start --timeout --json --csv --raw --table --time --color --tee --keep-going --strict --complete --shell-completion --config --edit --version -h --help
        return
    end
    for candidate in ($program $connection --complete (string join ' ' -- $words $current) 2>/dev/null)
        if string match -q -- '*=*' $current; and not string match -q -- "$current*" $candidate
            string join '' -- (string replace -r '=.*' '=' -- $current) $candidate
        else
            echo $candidate
        end
    end
end
complete -c papa-repl -f -a '(__papa_repl_complete)'
