"""A second implementation of docs/format.md: makes every value of docs/vectors.json again and compares.

    pip install cryptography
    python check_vectors.py docs/vectors.json

Written from the rules of the document, in the order of its sections; it shares nothing with the TypeScript code. Only the secrets
and the random bytes of the vectors are taken from the file. Prints one line per group; stops at the first difference.
"""

import base64
import hashlib
import hmac
import json
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

unhex = bytes.fromhex
checked = 0


def same(name, made, published):
    global checked
    checked += 1
    if isinstance(made, (bytes, bytearray)):
        made = made.hex()
    if made != published:
        sys.exit(f"{name} differs:\n  made      {made}\n  published {published}")


def done(group):
    print(f"{group}: equal")


def stream(label, length):
    blocks = [hashlib.sha256(label.encode() + struct.pack("<I", n)).digest() for n in range(-(-length // 32))]
    return b"".join(blocks)[:length]


# 3.1 Keyring and derived keys


def hkdf(secret, salt, info):
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info.encode() + b"\x01", hashlib.sha256).digest()


def raw(public):
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def x25519_public(private):
    return raw(X25519PrivateKey.from_private_bytes(private).public_key())


def exchange(private, public):
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))


def sign(private, purpose, text):
    return Ed25519PrivateKey.from_private_bytes(private).sign(purpose.encode() + b"\x00" + text)


def check_signature(public, signature, purpose, text):
    Ed25519PublicKey.from_public_bytes(public).verify(signature, purpose.encode() + b"\x00" + text)


def chunk_id(key, plain):
    return hmac.new(key, plain, hashlib.sha256).digest()


# 3.3 gear32-v1


def boundaries(chunker, sizes, content):
    minimum, average, maximum = sizes["minimum"], sizes["average"], sizes["maximum"]
    table = [word for b in range(32) for word in struct.unpack("<8I", hashlib.sha256(chunker + bytes([b])).digest())]
    bits = average.bit_length() - 1
    strict = ((1 << (bits + 1)) - 1) << (32 - bits - 1)
    loose = ((1 << (bits - 2)) - 1) << (32 - bits + 2)
    ends, start = [], 0
    while start < len(content):
        end = min(len(content), start + maximum)
        middle = min(end, start + average)
        cut = end
        if end - start > minimum:
            h, first = 0, start + minimum
            for p in range(first - 32, end):
                h = ((h << 1) + table[content[p]]) & 0xFFFFFFFF
                if p >= first and h & (strict if p < middle else loose) == 0:
                    cut = p + 1
                    break
        ends.append(cut)
        start = cut
    return ends


# 3.7 and 3.8: JSON and CBOR


def canonical(value):
    return (json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def head(major, n):
    for limit, code, form in ((24, None, None), (1 << 8, 24, ">B"), (1 << 16, 25, ">H"), (1 << 32, 26, ">I")):
        if n < limit:
            return bytes([major << 5 | (n if code is None else code)]) + (struct.pack(form, n) if form else b"")
    return bytes([major << 5 | 27]) + struct.pack(">Q", n)


def cbor(value):
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(k + v for k, v in sorted((cbor(k), cbor(v)) for k, v in value.items()))


# 4 and 5: byte layouts


def varint(n):
    parts = []
    while n > 127:
        parts.append(n & 127 | 128)
        n >>= 7
    return bytes([*parts, n])


types = {"pack": 1, "index": 2, "snapshot": 3, "checkpoint": 4, "mark": 5, "audit": 6, "parity": 7, "lock": 8}


def object_header(kind, pack_kind, made, until, mode, storage_class, key_mode, epoch, salt):
    fields = struct.pack("<4sHBBQQBBBBI", b"HFST", 1, types[kind], pack_kind, made, until, mode, storage_class, 1, key_mode, epoch)
    return fields + salt


def sealed_group(key, group_type, plain, nonce, more):
    """Uncompressed, as all groups of the vectors are."""
    fields = struct.pack("<4sBBHII12sI", b"HGRP", group_type, 0, 0, len(plain), len(plain), nonce, 0)
    return fields + AESGCM(key).encrypt(nonce, plain, fields + more)


def page(level, items):
    parts, before = [bytes([1, level]), varint(len(items))], b""
    for key, value in items:
        shared = next((i for i, (a, b) in enumerate(zip(before, key)) if a != b), min(len(before), len(key)))
        parts += [varint(shared), varint(len(key) - shared), key[shared:], varint(len(value)), value]
        before = key
    return b"".join(parts)


def ends_page(page_bytes, key, item_bytes):
    if page_bytes >= 131072:
        return True
    h = 0x811C9DC5
    for byte in key:
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    h = ((h ^ h >> 16) * 0x85EBCA6B) & 0xFFFFFFFF
    h = ((h ^ h >> 13) * 0xC2B2AE35) & 0xFFFFFFFF
    h ^= h >> 16
    return page_bytes >= 4096 and h * 32768 < item_bytes << 32


def reference(identity, length):
    return identity + struct.pack("<I", length)


# 6.2 and 6.8: key slots and key texts


def wrapping_key(private, public, ephemeral, recipient):
    return hkdf(exchange(private, public), ephemeral + recipient, "holdfast/v1/slot")


def open_slot(slot, identity, authority):
    recipient, ephemeral = x25519_public(identity), unhex(slot["ephemeral"])
    same("recipient of a slot", recipient, slot["recipient"])
    names = ("createdAt", "kind", "label", "parameters", "recipient", "repository", "role")
    key = wrapping_key(identity, ephemeral, ephemeral, recipient)
    plain = AESGCM(key).decrypt(bytes(12), unhex(slot["wrapped"]), canonical({name: slot[name] for name in names}))
    check_signature(authority, plain[-64:], "holdfast/v1/slot", recipient + plain[:-64])
    return plain[:-64]


def key_text(word, content):
    digits = base64.b32encode(content + hashlib.sha256(word.encode() + content).digest()[:5]).decode().lower().rstrip("=")
    return f"{word}: " + "-".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def check(vectors):
    keyring, derived, writer = vectors["keyring"], vectors["derivedKeys"], vectors["writer"]
    repository, epoch1 = unhex(keyring["repository"]), unhex(keyring["epoch1"])
    ids, chunker, salt = unhex(keyring["ids"]), unhex(keyring["chunker"]), unhex(derived["salt"])

    authority = hkdf(epoch1, repository, "holdfast/v1/authority")
    authority_public = raw(Ed25519PrivateKey.from_private_bytes(authority).public_key())
    own_exchange = hkdf(epoch1, repository, "holdfast/v1/epoch/exchange")
    exchange_public = x25519_public(own_exchange)
    notice = hkdf(epoch1, repository, "holdfast/v1/epoch/notice")
    id_data = hkdf(ids, repository, "holdfast/v1/id/data")
    id_metadata = hkdf(ids, repository, "holdfast/v1/id/metadata")
    made = {
        "authority": authority,
        "authorityPublic": authority_public,
        "exchange": own_exchange,
        "exchangePublic": exchange_public,
        "idData": id_data,
        "idMetadata": id_metadata,
        "mark": hkdf(notice, salt, "holdfast/v1/object/mark"),
        "notice": notice,
        "salt": salt,
        **{name: hkdf(epoch1, salt, f"holdfast/v1/object/{name}") for name in ("checkpoint", "index", "pack", "snapshot")},
    }
    for name in made.keys() | derived.keys():
        same(f"derivedKeys.{name}", made[name], derived.get(name))
    done("derived keys (3.1)")

    keyring_cbor = cbor(
        {"chunker": chunker, "epochs": [{"epoch": 1, "secret": epoch1}], "ids": ids, "repository": repository}
    )
    same("keyring.cbor", keyring_cbor, keyring["cbor"])
    done("keyring (6.2)")

    content = unhex(vectors["chunkIds"]["plaintext"])
    data_id, metadata_id = chunk_id(id_data, content), chunk_id(id_metadata, content)
    same("chunkIds.data", data_id, vectors["chunkIds"]["data"])
    same("chunkIds.metadata", metadata_id, vectors["chunkIds"]["metadata"])
    done("chunk ids (3.2)")

    for input_bytes, gear in zip((stream("gear", 65536), stream("gear", 4194304), bytes(10000)), vectors["gear"], strict=True):
        same(f"ends of {gear['input']}", boundaries(chunker, gear["sizes"], input_bytes), gear["ends"])
    done("boundaries (3.3)")

    day = 86_400_000
    created = vectors["packHeader"]["fields"]["createdAt"]
    same("packHeader.bytes", object_header("pack", 0, created, created + day, 2, 2, 0, 1, salt), vectors["packHeader"]["bytes"])
    group = vectors["chunkGroup"]
    plain = varint(2) + varint(16) + varint(32) + content
    same("chunkGroup.plain", plain, group["plain"])
    sealed = sealed_group(unhex(derived["pack"]), 0, plain, unhex(group["nonce"]), repository + b"\x00")
    same("chunkGroup.sealed", sealed, group["sealed"])
    record = b"\x00\x00" + varint(0) + b"\x20" + salt + varint(1) + b"\x00\x00"
    record += varint(1) + varint(64) + varint(len(sealed)) + varint(1) + data_id
    same("packDirectory", varint(1) + record, vectors["packDirectory"]["plain"])
    document = vectors["document"]
    document_salt = unhex(document["object"])[32:64]
    header = object_header("index", 1, created, 0, 0, 0, 0, 1, document_salt)
    key = hkdf(epoch1, document_salt, "holdfast/v1/object/index")
    made_document = header + sealed_group(key, 2, unhex(document["plain"]), bytes(12), repository + header)
    same("document.object", made_document, document["object"])
    done("headers, groups, directory, document (3.5, 4)")

    blob = cbor(
        {
            "a": {"etag": "é", "mode": 0o644, "ratio": 0.5},
            "c": reference(data_id, 48),
            "d": {"tags": {"a": "1", "b": "2"}},
            "f": "f1",
            "k": 1,
            "s": 48,
            "x": True,
        }
    )
    row = cbor({"i": b'{"a":1}', "k": 2, "s": 7})
    same("entries.blob", blob, vectors["entries"]["blob"])
    same("entries.row", row, vectors["entries"]["row"])
    same("page.leaf", page(0, [(b"a/b", blob), (b"a/c", row)]), vectors["page"]["leaf"])
    child = metadata_id + varint(300) + varint(70_000)
    same("page.inner", page(1, [(b"a/b", child)]), vectors["page"]["inner"])
    places = [i for i in range(2000) if ends_page(5000, f"objects/{i:06}.json".encode(), 400)]
    same("pageEnds", places, vectors["pageEnds"]["places"])
    references = [reference(chunk_id(id_data, struct.pack("<H", i)), 1) for i in range(1025)]
    runs = [b"".join(references[:1024]), b"".join(references[1024:])]
    same("foldedReferences", b"".join(reference(chunk_id(id_metadata, run), len(run)) for run in runs), vectors["foldedReferences"]["list"])
    done("entries, pages, references (5)")

    configuration = json.loads(vectors["configuration"])
    signature = sign(authority, "holdfast/v1/configuration", canonical(configuration["configuration"]))
    same("configuration", canonical({**configuration, "signature": signature.hex()}).decode(), vectors["configuration"])
    slot = vectors["keySlot"]["slot"]
    [digest] = configuration["configuration"]["slots"].values()
    same("digest of the slot", hashlib.sha256(canonical(slot)).digest(), digest)
    done("configuration (6.1)")

    cost = slot["parameters"]
    secret = hashlib.scrypt(
        vectors["keySlot"]["passphrase"].encode(), salt=unhex(cost["salt"]), n=cost["n"], r=cost["r"], p=cost["p"], dklen=32
    )
    unlocked = AESGCM(secret).decrypt(bytes(12), unhex(cost["locked"]), slot["kind"].encode())
    identity = unhex(writer["identity"])
    same("identity of the passphrase", unlocked, (identity + authority_public).hex())
    same("keyring of the slot", open_slot(slot, unlocked[:32], unlocked[32:]), keyring["cbor"])
    recipient = x25519_public(identity)
    same("writer.recipient", recipient, writer["recipient"])
    writer_id = hashlib.sha256(b"holdfast/v1/writer/id\x00" + recipient).digest()[:16]
    same("writer.id", writer_id, writer["id"])
    index_secret = hkdf(epoch1, writer_id, "holdfast/v1/writer/index")
    epochs = [{"epoch": 1, "exchange": exchange_public, "index": index_secret, "notice": notice}]
    writer_keyring = cbor(
        {
            "authority": authority_public,
            "chunker": chunker,
            "epochs": epochs,
            "ids": ids,
            "repository": repository,
            "writer": writer_id,
        }
    )
    same("writer.keyring", writer_keyring, writer["keyring"])
    same("keyring of the writer's slot", open_slot(writer["slot"], identity, authority_public), writer["keyring"])
    done("key slots (6.2)")

    ephemeral = unhex(writer["ephemeral"])
    ephemeral_public = x25519_public(ephemeral)
    same("writer.packSalt", ephemeral_public, writer["packSalt"])
    sides = (exchange(ephemeral, exchange_public), exchange(own_exchange, ephemeral_public))
    for side in sides:
        same("writer.pack", hkdf(side, ephemeral_public + exchange_public, "holdfast/v1/object/pack"), writer["pack"])
    index_salt = unhex(writer["indexSalt"])
    same("writer.indexSalt", index_salt[:16], writer_id.hex())
    same("writer.index", hkdf(index_secret, index_salt, "holdfast/v1/object/index"), writer["index"])
    done("keys of a writer's objects (3.1)")

    texts = vectors["keyTexts"]
    same("keyTexts.recovery", key_text("holdfast-recovery-key-1", identity), texts["recovery"])
    same("keyTexts.writer", key_text("holdfast-writer-key-1", identity + authority_public), texts["writer"])
    same("keyTexts.public", key_text("holdfast-public-key-1", recipient), texts["public"])
    done("key texts (6.8)")


with open(sys.argv[1] if len(sys.argv) > 1 else "docs/vectors.json", encoding="utf-8") as file:
    check(json.load(file))
print(f"{checked} values, all equal")
