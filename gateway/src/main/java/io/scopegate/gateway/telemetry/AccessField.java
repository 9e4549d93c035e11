package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.answer.Answers;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.route.Endpoint;
import java.nio.charset.StandardCharsets;

/**
 * The fields of a line of the access log. A field is a constant here, with its key in both forms,
 * and a line in one of the groups below, with its value. {@code docs/reference/log.md} says what it
 * means; a test compares that page with the constants. Each {@link Form} has the groups in an order
 * of its own. The groups are methods and not a list of objects, which would cost 0.1 µs a line.
 */
enum AccessField {
  REQUEST_ID("request_id", " id="),
  TRACE_ID("trace_id", " trace="),
  LISTENER("listener", " listener="),
  CLIENT("client", " client="),
  PROTOCOL("protocol", " protocol="),
  TLS("tls", " tls="),
  METHOD("method", " "),
  PATH("path", " "),
  ENDPOINT("endpoint", " endpoint="),
  OPERATION("operation", " operation="),
  TENANT("tenant", " tenant="),
  USER("user", " user="),
  STATUS("status", " "),
  GRPC_STATUS("grpc_status", "/"),
  REFUSAL("refusal", " refusal="),
  WOULD_REFUSE("would_refuse", " would_refuse="),
  WOULD_LIMIT("would_limit", " would_limit="),
  DETAIL("detail", " "),
  CAUSE("cause", " cause="),
  DURATION("duration_ms", " "),
  BYTES_IN("bytes_in", " in="),
  BYTES_OUT("bytes_out", " out="),
  UPSTREAM("upstream", " upstream="),
  STALE("stale", " stale="),
  SKIPPED("skipped", " skipped="),
  ABORTED("aborted", " aborted=");

  /** The name in the JSON form. */
  final String label;

  /** What stands before the value in the JSON form. */
  final byte[] jsonKey;

  /** What stands before the value in the text form. */
  final byte[] textKey;

  AccessField(String label, String textKey) {
    this.label = label;
    this.jsonKey = JsonAccessLine.key(label);
    this.textKey = textKey.getBytes(StandardCharsets.US_ASCII);
  }

  /** A form of the line: how a value is written, with its key before it. */
  interface Form {
    /** A text that many lines have; left out when it is empty. */
    void text(AccessField field, CharSequence value);

    /** A text that one line has; left out when it is empty. */
    void unique(AccessField field, CharSequence value);

    /** A text that the text form knows by its place, which it keeps when it is empty. */
    void placed(AccessField field, CharSequence value);

    void number(AccessField field, long value);

    /** Nanoseconds, shown as milliseconds. */
    void millis(AccessField field, long nanos);

    void flag(AccessField field, boolean value);
  }

  static void id(RequestRecord t, Form out) {
    out.unique(REQUEST_ID, t.requestId());
    if (t.trace != null) {
      out.unique(TRACE_ID, t.traceId());
    }
  }

  static void connection(RequestRecord t, Form out) {
    out.text(LISTENER, t.listener);
    out.text(CLIENT, t.client);
  }

  static void protocol(RequestRecord t, Form out) {
    out.text(PROTOCOL, t.protocol);
    out.flag(TLS, t.tls);
  }

  static void request(RequestRecord t, Form out) {
    out.placed(METHOD, t.method());
    out.placed(PATH, t.path());
  }

  static void endpoint(RequestRecord t, Form out) {
    Endpoint endpoint = t.endpoint;
    if (endpoint != null) {
      out.text(ENDPOINT, endpoint.name());
      out.text(OPERATION, endpoint.operation().label());
    }
  }

  static void caller(RequestRecord t, Form out) {
    out.text(TENANT, t.tenant);
    out.text(USER, t.user);
  }

  static void status(RequestRecord t, Form out) {
    out.number(STATUS, t.status);
    if (t.grpcStatus >= 0) {
      out.text(GRPC_STATUS, Answers.statusName(t.grpcStatus));
    }
  }

  static void refusal(RequestRecord t, Form out) {
    Refusal refusal = t.refusal;
    Refusal waived = t.waived;
    Refusal overLimit = t.overLimit;
    if (waived != null) {
      out.text(WOULD_REFUSE, waived.reason().label());
    }
    if (overLimit != null) {
      out.text(WOULD_LIMIT, overLimit.reason().label());
    }
    if (refusal != null) {
      out.text(REFUSAL, refusal.reason().label());
    }
    Refusal told = refusal != null ? refusal : waived != null ? waived : overLimit;
    if (told != null) {
      out.text(DETAIL, told.detail());
      out.unique(CAUSE, t.cause);
    }
  }

  static void duration(RequestRecord t, Form out) {
    out.millis(DURATION, t.endNanos - t.startNanos);
  }

  static void bytes(RequestRecord t, Form out) {
    out.number(BYTES_IN, t.bytesIn);
    out.number(BYTES_OUT, t.bytesOut);
  }

  static void upstream(RequestRecord t, Form out) {
    out.text(UPSTREAM, t.upstream);
  }

  static void ending(RequestRecord t, Form out) {
    if (t.stale) {
      out.flag(STALE, true);
    }
    if (t.skipped > 0) {
      out.number(SKIPPED, t.skipped);
    }
    if (t.aborted) {
      out.flag(ABORTED, true);
    }
  }
}
