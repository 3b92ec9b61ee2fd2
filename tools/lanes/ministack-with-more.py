"""MiniStack with the four things that the lane needs and it lacks.

KMS DeriveSharedSecret, as the service documents it: the x coordinate of the shared point, 32 bytes.
IoT ListThingGroupsForThing.
CloudFormation of trails, which MiniStack has by the API of CloudTrail alone.
Behind, in the description of an event source mapping: how many records of the change stream its function has not taken.
"""

import base64
import json
import re
from urllib.parse import unquote

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from ministack.app import main
from ministack.core.responses import error_response_json, json_response
from ministack.services import cloudtrail, dynamodb, iot, kms, lambda_svc
from ministack.services.cloudformation import provisioners

answer_of_kms = kms.handle_request
answer_of_iot = iot.handle_request
describe = lambda_svc._esm_response


async def ask_kms(method, path, headers, body, query_params):
    if headers.get("x-amz-target") == "TrentService.DeriveSharedSecret":
        return derive_shared_secret(json.loads(body))
    return await answer_of_kms(method, path, headers, body, query_params)


async def ask_iot(method, path, headers, body, query_params):
    asked = re.fullmatch("/things/([^/]+)/thing-groups", path)
    if method == "GET" and asked:
        return groups_of(unquote(asked[1]))
    return await answer_of_iot(method, path, headers, body, query_params)


def groups_of(thing):
    known = iot._things.get(thing)
    if known is None:
        return error_response_json("ResourceNotFoundException", "no such thing", 404)
    return json_response({"thingGroups": [{"groupName": name} for name in known.get("thingGroupNames", [])]})


def derive_shared_secret(data):
    key = kms._resolve_key(data.get("KeyId", ""))
    if key is None:
        return error_response_json("NotFoundException", "no such key", 400)
    unusable = kms._check_key_state(key)
    if unusable:
        return unusable
    if key["KeyUsage"] != "KEY_AGREEMENT":
        return error_response_json("InvalidKeyUsageException", "the key is for something else", 400)
    try:
        peer = serialization.load_der_public_key(base64.b64decode(data["PublicKey"]))
        secret = key["_private_key"].exchange(ec.ECDH(), peer)
    except (KeyError, TypeError, ValueError):
        return error_response_json("ValidationException", "no public key of the curve", 400)
    return json_response(
        {
            "KeyId": key["Arn"],
            "SharedSecret": base64.b64encode(secret).decode(),
            "KeyAgreementAlgorithm": "ECDH",
            "KeyOrigin": "AWS_KMS",
        }
    )


def describe_with_behind(mapping):
    table = lambda_svc._dynamodb_stream_table_from_arn_spec(lambda_svc.parse_arn(mapping["EventSourceArn"]))
    if table is None:
        return describe(mapping)
    taken = lambda_svc._dynamodb_stream_positions.get(mapping["UUID"], 0)
    return {**describe(mapping), "Behind": dynamodb.stream_end_position(table[0]) - taken}


def create_trail(logical_id, props, stack_name):
    name = props.get("TrailName", logical_id)
    cloudtrail._create_trail({"Name": name, "S3BucketName": props["S3BucketName"], "EnableLogFileValidation": props.get("EnableLogFileValidation", False)})
    return name, {"Arn": cloudtrail._trail_arn(name)}


def delete_trail(physical_id, props):
    cloudtrail._delete_trail({"Name": physical_id})


provisioners._RESOURCE_HANDLERS["AWS::CloudTrail::Trail"] = {"create": create_trail, "delete": delete_trail}
kms.handle_request = ask_kms
iot.handle_request = ask_iot
lambda_svc._esm_response = describe_with_behind
main()
