/** The identity is a key pair whose private part its holder keeps in a file: the slot protects nothing itself. */
export const x25519Kind = 'x25519-v1';
