# Completion of papa-repl for bash: eval "$(papa-repl --shell-completion bash)"
_papa_repl() {
    local flags=" @FLAGS@ " valued=" @VALUED@ " connecting=" @CONNECTING@ "
    local rest=${COMP_LINE:0:COMP_POINT} word value connection=() found candidate
    COMPREPLY=()
    rest=${rest#*"${COMP_WORDS[0]}"}
    rest=${rest#"${rest%%[![:space:]]*}"}
    while [[ $rest == -* ]]; do
        word=${rest%%[[:space:]]*}
        if [[ $word == "$rest" ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$word")
            return
        fi
        rest=${rest#"$word"}
        rest=${rest#"${rest%%[![:space:]]*}"}
        if [[ $valued == *" $word "* ]]; then
            value=${rest%%[[:space:]]*}
            if [[ $value == "$rest" ]]; then
                mapfile -t COMPREPLY < <(compgen -f -- "$value")
                return
            fi
            [[ $connecting == *" $word "* ]] && connection+=("$word" "$value")
            rest=${rest#"$value"}
            rest=${rest#"${rest%%[![:space:]]*}"}
        fi
    done
    # What the shell would take away is taken away; its \$( stands for $(.
    rest=${rest//[\'\"]/}
    rest=${rest//'\$\('/'$('}
    # bash cuts words at = and :, and replaces only what stands after them.
    local typed=${rest##*[[:space:]]} current=${COMP_WORDS[COMP_CWORD]}
    [[ $current == [=:] ]] && current=
    local before=${typed%"$current"}
    mapfile -t found < <("${COMP_WORDS[0]}" "${connection[@]}" --complete "$rest" 2>/dev/null)
    for candidate in "${found[@]}"; do
        candidate=${candidate#"$before"}
        [[ $current == *=* && $candidate != "$current"* ]] && candidate=${current%%=*}=$candidate
        [[ $candidate == *'$('* ]] && candidate=${candidate//'$('/'\$\('} && candidate=${candidate//)/\\)}
        COMPREPLY+=("$candidate")
    done
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=./] ]] && compopt -o nospace 2>/dev/null
}
complete -F _papa_repl papa-repl
