package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.json.JsonBytes;
import io.scopegate.gateway.route.Endpoint;
import java.nio.charset.StandardCharsets;

/** One JSON object a request. What is empty is left out. */
final class JsonAccessLine implements LineLog.Line<RequestRecord> {
  /** No value is longer in characters; what is cut shows an ellipsis. */
  static final int MOST_CHARS = 1024;

  private static final byte[] TIME = utf8("{\"time\":\"");
  private static final byte[] TYPE = utf8("\",\"type\":\"access\"");
  private static final byte[] REQUEST_ID = key("request_id");
  private static final byte[] LISTENER = key("listener");
  private static final byte[] CLIENT = key("client");
  private static final byte[] PROTOCOL = key("protocol");
  private static final byte[] TLS = key("tls");
  private static final byte[] METHOD = key("method");
  private static final byte[] PATH = key("path");
  private static final byte[] ENDPOINT = key("endpoint");
  private static final byte[] OPERATION = key("operation");
  private static final byte[] TENANT = key("tenant");
  private static final byte[] USER = key("user");
  private static final byte[] STATUS = key("status");
  private static final byte[] GRPC_STATUS = key("grpc_status");
  private static final byte[] REFUSAL = key("refusal");
  private static final byte[] DETAIL = key("detail");
  private static final byte[] CAUSE = key("cause");
  private static final byte[] DURATION = key("duration_ms");
  private static final byte[] BYTES_IN = key("bytes_in");
  private static final byte[] BYTES_OUT = key("bytes_out");
  private static final byte[] UPSTREAM = key("upstream");
  private static final byte[] STALE = utf8(",\"stale\":true");
  private static final byte[] SKIPPED = key("skipped");
  private static final byte[] ABORTED = utf8(",\"aborted\":true");
  private static final byte[] TRUE = utf8("true");
  private static final byte[] FALSE = utf8("false");
  private static final byte[] END = utf8("}\n");

  private final Timestamp timestamp = new Timestamp();
  private final RepeatedTexts texts = new RepeatedTexts();

  @Override
  public void append(RequestRecord t, long epochMillis, JsonBytes out) {
    out.raw(TIME);
    timestamp.append(epochMillis, out);
    out.raw(TYPE);
    request(t, out);
    subject(t, out);
    result(t, out);
    out.raw(END);
  }

  private void request(RequestRecord t, JsonBytes out) {
    field(out, REQUEST_ID, t.requestId());
    repeated(out, LISTENER, t.listener);
    repeated(out, CLIENT, t.client);
    repeated(out, PROTOCOL, t.protocol);
    out.raw(TLS).raw(t.tls ? TRUE : FALSE);
    repeated(out, METHOD, t.method());
    repeated(out, PATH, t.path());
  }

  private void subject(RequestRecord t, JsonBytes out) {
    Endpoint endpoint = t.endpoint;
    if (endpoint != null) {
      repeated(out, ENDPOINT, endpoint.name());
      repeated(out, OPERATION, endpoint.operation().label());
    }
    repeated(out, TENANT, t.tenant);
    repeated(out, USER, t.user);
  }

  private void result(RequestRecord t, JsonBytes out) {
    out.raw(STATUS).number(t.status);
    if (t.grpcStatus >= 0) {
      repeated(out, GRPC_STATUS, Answers.statusName(t.grpcStatus));
    }
    Refusal refusal = t.refusal;
    if (refusal != null) {
      repeated(out, REFUSAL, refusal.reason().label());
      repeated(out, DETAIL, refusal.detail());
      field(out, CAUSE, t.cause);
    }
    out.raw(DURATION).millis(t.endNanos - t.startNanos);
    out.raw(BYTES_IN).number(t.bytesIn);
    out.raw(BYTES_OUT).number(t.bytesOut);
    repeated(out, UPSTREAM, t.upstream);
    if (t.stale) {
      out.raw(STALE);
    }
    if (t.skipped > 0) {
      out.raw(SKIPPED).number(t.skipped);
    }
    if (t.aborted) {
      out.raw(ABORTED);
    }
  }

  private void repeated(JsonBytes out, byte[] key, CharSequence value) {
    if (value.length() > 0) {
      out.raw(key);
      texts.append(value, MOST_CHARS, out);
    }
  }

  static void field(JsonBytes out, byte[] key, CharSequence value) {
    if (value.length() > 0) {
      out.raw(key).string(value, MOST_CHARS);
    }
  }

  static byte[] key(String name) {
    return utf8(",\"" + name + "\":");
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
