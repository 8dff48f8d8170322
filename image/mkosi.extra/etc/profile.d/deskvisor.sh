# The package bash-completion, which would load this when it is asked for, is not in the image.
if [ -n "${BASH_VERSION-}" ] && [ -n "${PS1-}" ]; then
    . /usr/share/bash-completion/completions/deskvisor
fi
