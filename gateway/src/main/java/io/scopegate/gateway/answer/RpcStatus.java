package io.scopegate.gateway.answer;

import io.scopegate.gateway.json.JsonBytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A <a href="https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto">{@code
 * google.rpc.Status}</a>, with a {@code RetryInfo} when there is a delay, as protobuf and as JSON.
 * Written by hand: four small messages do not make generated code worth its start-up time.
 *
 * @param code the gRPC status
 * @param message the text
 * @param retryMillis how long to wait before trying again; 0 for no {@code RetryInfo}
 */
record RpcStatus(int code, String message, long retryMillis) {
  private static final String RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";
  private static final int LENGTH_DELIMITED = 2;

  /** The message in protobuf. */
  byte[] toProtobuf() {
    ByteArrayOutputStream status = new ByteArrayOutputStream(128 + message.length());
    varintField(status, 1, code);
    bytesField(status, 2, message.getBytes(StandardCharsets.UTF_8));
    if (retryMillis > 0) {
      bytesField(status, 3, any());
    }
    return status.toByteArray();
  }

  /** The message in protobuf's JSON. */
  byte[] toJson() {
    JsonBytes json = new JsonBytes(256);
    json.raw(Ascii.bytes("{\"code\":")).number(code);
    json.raw(Ascii.bytes(",\"message\":")).string(message, message.length());
    if (retryMillis > 0) {
      json.raw(Ascii.bytes(",\"details\":[{\"@type\":\"" + RETRY_INFO + "\",\"retryDelay\":\""));
      json.number(retryMillis / 1000).raw('.').digits((int) (retryMillis % 1000), 3);
      json.raw(Ascii.bytes("s\"}]"));
    }
    return json.raw('}').toByteArray();
  }

  private byte[] any() {
    ByteArrayOutputStream any = new ByteArrayOutputStream(64);
    bytesField(any, 1, Ascii.bytes(RETRY_INFO));
    bytesField(any, 2, retryInfo());
    return any.toByteArray();
  }

  private byte[] retryInfo() {
    ByteArrayOutputStream duration = new ByteArrayOutputStream(16);
    varintField(duration, 1, retryMillis / 1000);
    varintField(duration, 2, retryMillis % 1000 * 1_000_000);
    ByteArrayOutputStream info = new ByteArrayOutputStream(16);
    bytesField(info, 1, duration.toByteArray());
    return info.toByteArray();
  }

  private static void varintField(ByteArrayOutputStream out, int number, long value) {
    if (value != 0) {
      out.write(number << 3);
      varint(out, value);
    }
  }

  private static void bytesField(ByteArrayOutputStream out, int number, byte[] value) {
    out.write(number << 3 | LENGTH_DELIMITED);
    varint(out, value.length);
    out.writeBytes(value);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest > 0x7f) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
