if [ -n "${BASH_VERSION-}" ] && [ -n "${PS1-}" ]; then
    # The package bash-completion, which would load this when it is asked for, is not in the image.
    . /usr/share/bash-completion/completions/deskvisor
    # A serial line does not know how large the terminal at its end is: that is asked where its last cell is, as by the menu.
    if [ "${TERM-dumb}" != dumb ] && [ "$(stty size 2>/dev/null)" = '0 0' ]; then
        printf '\0337\033[999;999H\033[6n\0338'
        IFS='[;' read -r -s -t 1 -d R _ rows columns && stty rows "$rows" columns "$columns" 2>/dev/null
        unset rows columns
    fi
fi
