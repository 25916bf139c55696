"""The public Python client of OpenTDF, unmodified, as a receiver would use it: through its public classes alone.

otdf_client.py encrypt URL CLIENT SECRET_FILE POLICY_JSON IN OUT
otdf_client.py decrypt URL CLIENT SECRET_FILE IN OUT
otdf_client.py bearer-decrypt URL TOKEN_FILE IN OUT

POLICY_JSON: {"uuid": ..., "attributes": [...], "dissem": [...]}. What went wrong is one line on stderr, and exit code 1.
"""

import json
import logging
import sys
from pathlib import Path

from otdf_python.policy_object import AttributeObject, PolicyBody, PolicyObject
from otdf_python.sdk_builder import SDKBuilder

logging.disable(logging.CRITICAL)


def builder(url):
    return SDKBuilder.new_builder().set_platform_endpoint(url).use_insecure_plaintext_connection(True)


def signed_in(url, client, secret_file):
    return builder(url).client_secret(client, Path(secret_file).read_text().strip()).build()


def encrypt(url, client, secret_file, policy, source, target):
    wanted = json.loads(policy)
    attributes = [AttributeObject(attribute=attribute) for attribute in wanted["attributes"]]
    body = PolicyBody(data_attributes=attributes, dissem=wanted["dissem"])
    with signed_in(url, client, secret_file) as sdk:
        config = sdk.new_tdf_config(policy_object=PolicyObject(uuid=wanted["uuid"], body=body))
        with open(target, "wb") as out:
            sdk.create_tdf(Path(source).read_bytes(), config, out)


def decrypt_with(sdk, source, target):
    with sdk:
        opened = sdk.load_tdf(Path(source).read_bytes())
    Path(target).write_bytes(opened.payload)


def decrypt(url, client, secret_file, source, target):
    decrypt_with(signed_in(url, client, secret_file), source, target)


def bearer_decrypt(url, token_file, source, target):
    decrypt_with(builder(url).bearer_token(Path(token_file).read_text().strip()).build(), source, target)


COMMANDS = {"encrypt": encrypt, "decrypt": decrypt, "bearer-decrypt": bearer_decrypt}

if __name__ == "__main__":
    try:
        COMMANDS[sys.argv[1]](*sys.argv[2:])
    except Exception as error:  # whatever the client throws is what its user sees
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
