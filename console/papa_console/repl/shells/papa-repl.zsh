#compdef papa-repl
# Completion of papa-repl for zsh: eval "$(papa-repl --shell-completion zsh)", or a file _papa-repl in $fpath
_papa_repl() {
    local -a flags valued connecting connection found open whole
    local rest
    integer at=2
    flags=(@FLAGS@)
    valued=(@VALUED@)
    connecting=(@CONNECTING@)
    while (( at < CURRENT )) && [[ $words[at] == -* ]]; do
        if (( $valued[(Ie)$words[at]] )); then
            if (( at + 1 == CURRENT )); then
                _files
                return
            fi
            (( $connecting[(Ie)$words[at]] )) && connection+=("$words[at]" "${(Q)words[at+1]}")
            (( at++ ))
        fi
        (( at++ ))
    done
    if (( at == CURRENT )) && [[ $PREFIX == -* ]]; then
        compadd -- $flags
        return
    fi
    rest="${(j: :)words[at,CURRENT-1]} $PREFIX"
    found=("${(@f)$($words[1] $connection --complete "${rest# }" 2>/dev/null)}")
    found=(${found:#})
    if [[ $PREFIX == *=* && $found[1] != ${PREFIX}* ]]; then
        compset -P '*='
    fi
    open=(${(M)found:#*[=./]})
    whole=(${found:#*[=./]})
    compadd -Q -S '' -- $open
    compadd -Q -- $whole
}
# zsh runs a file of $fpath, as the function _papa-repl, when it first completes.
if [[ ${funcstack[1]-} == _papa-repl ]]; then
    _papa_repl
else
    compdef _papa_repl papa-repl
fi
