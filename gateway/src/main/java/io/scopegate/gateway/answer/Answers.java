package io.scopegate.gateway.answer;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.json.JsonBytes;
import java.util.Base64;

/**
 * Encodes refusals in the client's protocol: the only place that knows which status a refusal
 * becomes. {@code docs/reference/answers.md} has the whole table.
 */
public final class Answers {
  /** Carries the request id, both ways. */
  public static final AsciiString REQUEST_ID = AsciiString.cached("x-request-id");

  /** Carries the gRPC status. */
  public static final AsciiString GRPC_STATUS = AsciiString.cached("grpc-status");

  /** Carries the percent-encoded text of a gRPC status. */
  public static final AsciiString GRPC_MESSAGE = AsciiString.cached("grpc-message");

  /** Carries the {@code google.rpc.Status} of a gRPC status that has details. */
  public static final AsciiString GRPC_DETAILS = AsciiString.cached("grpc-status-details-bin");

  private static final AsciiString GRPC_ACCEPT_ENCODING =
      AsciiString.cached("grpc-accept-encoding");
  private static final AsciiString GRPC_ENCODINGS =
      AsciiString.cached("identity,deflate,gzip,snappy,zstd");
  private static final AsciiString ENCODINGS =
      AsciiString.cached("gzip, deflate, zstd, snappy, x-snappy-framed");
  private static final AsciiString RATE_LIMIT = AsciiString.cached("x-ratelimit-limit");
  private static final AsciiString RATE_REMAINING = AsciiString.cached("x-ratelimit-remaining");
  private static final AsciiString RATE_RESET = AsciiString.cached("x-ratelimit-reset");
  private static final AsciiString CHALLENGE = AsciiString.cached("Bearer realm=\"scopegate\"");
  private static final AsciiString NO_STORE = AsciiString.cached("no-store");
  private static final AsciiString GRPC = AsciiString.cached("application/grpc");
  private static final AsciiString GRPC_WEB = AsciiString.cached("application/grpc-web+proto");
  private static final AsciiString PROTOBUF = AsciiString.cached("application/x-protobuf");
  private static final AsciiString JSON = AsciiString.cached("application/json");
  private static final AsciiString PROBLEM = AsciiString.cached("application/problem+json");
  private static final AsciiString TEXT = AsciiString.cached("text/plain; charset=utf-8");
  private static final byte[] NO_BODY = {};
  private static final byte[] OK = {'o', 'k'};
  private static final byte[] NOT_READY = Ascii.bytes("not ready");

  /** A gRPC message of a {@code grpc.health.v1.HealthCheckResponse}, but for its last byte. */
  private static final byte[] HEALTH_MESSAGE = {0, 0, 0, 0, 2, 1 << 3, 0};

  private static final byte SERVING = 1;
  private static final byte NOT_SERVING = 2;

  /** Longer texts are cut: they travel in a header, encoded, and headers are limited. */
  private static final int MOST_CHARS = 1000;

  private static final long DEFAULT_DELAY_MILLIS = 1_000;

  /** A collector drops a batch at once when the delay is longer than its remaining retry time. */
  private static final long MOST_DELAY_MILLIS = 30_000;

  private static final String[] STATUS_NAMES = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED"
  };

  private static final AsciiString[] STATUS_NUMBERS = numbers(STATUS_NAMES.length);
  private static final Base64.Encoder BASE64 = Base64.getEncoder().withoutPadding();
  private static final GrpcMessages MESSAGES = new GrpcMessages();

  private Answers() {}

  private static AsciiString[] numbers(int count) {
    AsciiString[] numbers = new AsciiString[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = AsciiString.cached(Integer.toString(i));
    }
    return numbers;
  }

  /**
   * The complete answer to a request that is not forwarded.
   *
   * @param refusal why not
   * @param dialect how the client expects a refusal to be encoded
   * @param ingest whether the client would lose data over a final answer
   * @param requestId the request's id
   */
  public static Reply reply(Refusal refusal, Dialect dialect, boolean ingest, String requestId) {
    Status status = Status.of(refusal.reason(), ingest);
    RpcStatus rpc = rpcStatus(refusal, status);
    if (dialect == Dialect.GRPC) {
      Http2Headers head = head(200, GRPC, requestId);
      if (refusal.reason() == Refusal.Reason.UNSUPPORTED_CODING) {
        head.add(GRPC_ACCEPT_ENCODING, GRPC_ENCODINGS);
      }
      return new Reply(putGrpc(head, rpc), NO_BODY, 200, status.grpc());
    }
    if (dialect == Dialect.GRPC_WEB) {
      return web(rpc, status, requestId);
    }
    byte[] body = body(refusal, dialect, status, rpc, requestId);
    Http2Headers head = head(status.http(), contentType(dialect), requestId);
    head.setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
    head.set(HttpHeaderNames.CACHE_CONTROL, NO_STORE);
    putHints(head, refusal, status, rpc);
    return new Reply(head, body, status.http(), -1);
  }

  private static Reply web(RpcStatus rpc, Status status, String requestId) {
    byte[] body = GrpcWeb.frame(putGrpc(new DefaultHttp2Headers(false, 4), rpc));
    Http2Headers head = head(200, GRPC_WEB, requestId);
    head.setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
    return new Reply(head, body, 200, status.grpc());
  }

  /** The answer to a health check when all is well. */
  public static Reply healthy(String requestId) {
    return text(200, OK, requestId);
  }

  /** The answer to a health check when traffic should go elsewhere. */
  public static Reply unhealthy(String requestId) {
    return text(503, NOT_READY, requestId);
  }

  private static Reply text(int status, byte[] text, String requestId) {
    Http2Headers head = head(status, TEXT, requestId);
    head.setInt(HttpHeaderNames.CONTENT_LENGTH, text.length);
    head.set(HttpHeaderNames.CACHE_CONTROL, NO_STORE);
    return new Reply(head, text.clone(), status, -1);
  }

  /** The same by gRPC: a call that succeeds either way. */
  public static Reply grpcHealth(boolean serving, String requestId) {
    byte[] message = HEALTH_MESSAGE.clone();
    message[message.length - 1] = serving ? SERVING : NOT_SERVING;
    Http2Headers trailers = new DefaultHttp2Headers(false, 1).add(GRPC_STATUS, STATUS_NUMBERS[0]);
    return new Reply(head(200, GRPC, requestId), message, 200, 0, trailers);
  }

  /**
   * The trailers that end a gRPC response which has begun already.
   *
   * @param refusal what went wrong
   * @param ingest whether the client would lose data over a final answer
   */
  public static Http2Headers grpcTrailers(Refusal refusal, boolean ingest) {
    Status status = Status.of(refusal.reason(), ingest);
    return putGrpc(new DefaultHttp2Headers(false, 4), rpcStatus(refusal, status));
  }

  /**
   * The HTTP status of a refusal outside gRPC.
   *
   * @param ingest whether the client would lose data over a final answer
   */
  public static int httpStatus(Refusal.Reason reason, boolean ingest) {
    return Status.of(reason, ingest).http();
  }

  /**
   * The gRPC status of a refusal.
   *
   * @param ingest whether the client would lose data over a final answer
   */
  public static int grpcStatus(Refusal.Reason reason, boolean ingest) {
    return Status.of(reason, ingest).grpc();
  }

  /** The name of a gRPC status, for example {@code UNAVAILABLE}; {@code OTHER} when it has none. */
  public static String statusName(int grpcStatus) {
    return grpcStatus >= 0 && grpcStatus < STATUS_NAMES.length ? STATUS_NAMES[grpcStatus] : "OTHER";
  }

  private static RpcStatus rpcStatus(Refusal refusal, Status status) {
    String text = Ascii.cut(refusal.detail(), MOST_CHARS);
    return new RpcStatus(status.grpc(), text, status.delayed() ? delayMillis(refusal) : 0);
  }

  private static long delayMillis(Refusal refusal) {
    long asked = refusal.retryAfterMillis();
    return asked <= 0 ? DEFAULT_DELAY_MILLIS : Math.min(asked, MOST_DELAY_MILLIS);
  }

  /** Each name occurs once, so the headers are added without checking for others. */
  private static Http2Headers head(int status, AsciiString contentType, String requestId) {
    Http2Headers head = new DefaultHttp2Headers(false, 8);
    head.status(HttpResponseStatus.valueOf(status).codeAsText());
    head.add(HttpHeaderNames.CONTENT_TYPE, contentType);
    return head.add(REQUEST_ID, requestId);
  }

  private static Http2Headers putGrpc(Http2Headers head, RpcStatus status) {
    head.add(GRPC_STATUS, STATUS_NUMBERS[status.code()]);
    head.add(GRPC_MESSAGE, MESSAGES.of(status.message()));
    if (status.retryMillis() > 0) {
      head.add(GRPC_DETAILS, new AsciiString(BASE64.encode(status.toProtobuf()), false));
    }
    return head;
  }

  /**
   * Not rounded up: of a delay of little more than a second that would make two, and a bucket that
   * is full after one would overflow. A client that retries a moment too early is refused again.
   */
  private static long nearestSeconds(long millis) {
    return Math.max(1, (millis + 500) / 1000);
  }

  private static void putHints(Http2Headers head, Refusal refusal, Status status, RpcStatus rpc) {
    if (rpc.retryMillis() > 0) {
      head.setLong(HttpHeaderNames.RETRY_AFTER, nearestSeconds(rpc.retryMillis()));
    }
    Refusal.Allowance left = refusal.allowance();
    if (left != null) {
      head.setLong(RATE_LIMIT, left.limit());
      head.setLong(RATE_REMAINING, left.remaining());
      head.setLong(RATE_RESET, left.resetSeconds());
    }
    if (status.http() == 401) {
      head.set(HttpHeaderNames.WWW_AUTHENTICATE, CHALLENGE);
    }
    if (refusal.reason() == Refusal.Reason.UNSUPPORTED_CODING) {
      head.set(HttpHeaderNames.ACCEPT_ENCODING, ENCODINGS);
    }
    if (status.http() == 405) {
      head.set(HttpHeaderNames.ALLOW, refusal.allow());
    }
  }

  private static AsciiString contentType(Dialect dialect) {
    return switch (dialect) {
      case GRPC -> GRPC;
      case GRPC_WEB -> GRPC_WEB;
      case OTLP_PROTOBUF -> PROTOBUF;
      case OTLP_JSON -> JSON;
      case PROBLEM -> PROBLEM;
    };
  }

  private static byte[] body(
      Refusal refusal, Dialect dialect, Status status, RpcStatus rpc, String requestId) {
    return switch (dialect) {
      case GRPC, GRPC_WEB -> NO_BODY;
      case OTLP_PROTOBUF -> rpc.toProtobuf();
      case OTLP_JSON -> rpc.toJson();
      case PROBLEM -> problem(refusal, status, rpc, requestId);
    };
  }

  /** <a href="https://datatracker.ietf.org/doc/html/rfc9457#section-3.1">RFC 9457</a>. */
  private static byte[] problem(Refusal refusal, Status status, RpcStatus rpc, String requestId) {
    String title = HttpResponseStatus.valueOf(status.http()).reasonPhrase();
    return new JsonBytes(384)
        .raw(Ascii.bytes("{\"type\":\"about:blank\",\"title\":"))
        .string(title, MOST_CHARS)
        .raw(Ascii.bytes(",\"status\":"))
        .number(status.http())
        .raw(Ascii.bytes(",\"detail\":"))
        .string(rpc.message(), MOST_CHARS)
        .raw(Ascii.bytes(",\"reason\":"))
        .string(refusal.reason().label(), MOST_CHARS)
        .raw(Ascii.bytes(",\"request_id\":"))
        .string(requestId, MOST_CHARS)
        .raw('}')
        .toByteArray();
  }
}
