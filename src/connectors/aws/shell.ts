/**
 * A word of a POSIX shell that is this text, whatever it holds but NUL: within single quotes nothing means anything but their end
 * (Shell Command Language, 2.2.2).
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A comment of one line. */
export function shellComment(text: string): string {
  return `# ${text.replaceAll(/\p{Cc}/gu, ' ')}\n`;
}

/** JSON with nothing in it but ASCII: no setting of a terminal or a program reads it otherwise. */
export function asciiJson(json: string): string {
  return json.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * How a script for the AWS CLI begins: `about` says what it does. It stops at the first error; the file that `$scratch` names goes with it.
 */
export function scriptHead(about: readonly string[]): string {
  return `#!/bin/sh
${about.map(shellComment).join('')}set -eu
umask 077
export AWS_PAGER='' AWS_CLI_FILE_ENCODING=UTF-8 PYTHONUTF8=1
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
`;
}
