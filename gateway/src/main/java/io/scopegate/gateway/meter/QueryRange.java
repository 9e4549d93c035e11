package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Which span of time a query asks for. Where Tempo's versions and endpoints read a request
 * differently, the longer reading holds.
 *
 * @param state whether there is one
 * @param startNanos since the epoch; {@link #ABSENT} when not given
 * @param endNanos since the epoch; {@link #ABSENT} when not given
 * @param sinceNanos the length back from the end; {@link #ABSENT} when not given
 * @see <a href="https://grafana.com/docs/tempo/latest/api_docs/">Tempo's HTTP API</a>
 */
public record QueryRange(State state, long startNanos, long endNanos, long sinceNanos) {
  /** What stands for a part that is not given. */
  public static final long ABSENT = -1;

  private static final QueryRange NONE = new QueryRange(State.NONE, ABSENT, ABSENT, ABSENT);
  private static final QueryRange MALFORMED =
      new QueryRange(State.MALFORMED, ABSENT, ABSENT, ABSENT);

  /** Whether a range was found. */
  public enum State {
    /** The query names none, or is of a kind that has none; Tempo takes its own default. */
    NONE,
    /** At least one of start, end and since is given. */
    GIVEN,
    /** One of them cannot be read; Tempo would not take it either. */
    MALFORMED
  }

  /**
   * Of a query over HTTP.
   *
   * @param rawQuery what follows the {@code ?} of the request target, as it came; null for nothing
   */
  public static QueryRange ofHttp(@Nullable CharSequence rawQuery) {
    if (rawQuery == null || rawQuery.length() == 0) {
      return NONE;
    }
    RangeParameters given = new RangeParameters(rawQuery);
    return of(
        QueryTime.start(given.start()),
        QueryTime.end(given.end()),
        QueryTime.duration(given.since()));
  }

  /**
   * Of the message of a gRPC call.
   *
   * @param place where the message has its range; nothing is read when it is in no message
   * @param message the protobuf message, without the prefix of gRPC
   */
  public static QueryRange ofGrpc(RangePlace place, ByteBuf message) {
    return place.form() == RangePlace.Form.MESSAGE ? QueryMessage.range(place, message) : NONE;
  }

  /**
   * Of the body of a gRPC call, compressed or not. One that is not complete, larger than 64 KiB, or
   * in an encoding other than gzip and deflate is {@link State#MALFORMED}.
   *
   * @param place as in {@link #ofGrpc}
   * @param grpcEncoding the {@code grpc-encoding}
   * @param body the whole body, with the prefix of gRPC
   * @param pool of the event loop
   */
  public static QueryRange ofGrpcBody(
      RangePlace place, @Nullable CharSequence grpcEncoding, ByteBuf body, MeterPool pool) {
    return place.form() == RangePlace.Form.MESSAGE
        ? QueryMessage.range(place, Coding.of(grpcEncoding), body, pool)
        : NONE;
  }

  /** Of parts, each of which may be absent or {@link QueryTime#INVALID}. */
  static QueryRange of(long startNanos, long endNanos, long sinceNanos) {
    if (startNanos == QueryTime.INVALID
        || endNanos == QueryTime.INVALID
        || sinceNanos == QueryTime.INVALID) {
      return MALFORMED;
    }
    return startNanos == ABSENT && endNanos == ABSENT && sinceNanos == ABSENT
        ? NONE
        : new QueryRange(State.GIVEN, startNanos, endNanos, sinceNanos);
  }

  /** What cannot be read. */
  static QueryRange malformed() {
    return MALFORMED;
  }

  /**
   * How long it is, in nanoseconds; 0 when none is given. A start without an end reaches to now, an
   * end without a start counts as far as it lies in the future, and {@code since} counts if that is
   * longer.
   *
   * @param nowNanos since the epoch
   */
  public long lengthNanos(long nowNanos) {
    long end = endNanos == ABSENT ? nowNanos : endNanos;
    long length = Math.max(0, end - (startNanos == ABSENT ? nowNanos : startNanos));
    if (sinceNanos == ABSENT) {
      return length;
    }
    if (startNanos != ABSENT) {
      return Math.max(length, sinceNanos);
    }
    return sinceNanos > Long.MAX_VALUE - length ? Long.MAX_VALUE : length + sinceNanos;
  }
}
