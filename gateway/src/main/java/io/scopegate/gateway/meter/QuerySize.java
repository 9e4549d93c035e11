package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * How much a query wants to get. A parameter that comes several times counts with its largest
 * value, whichever of them Tempo takes.
 *
 * @param results traces, tags or values ({@code limit}); {@link #ABSENT} when not given
 * @param spans spans for each trace ({@code spss}); {@link #ABSENT} when not given, {@link
 *     Long#MAX_VALUE} for all of them
 * @param exemplars exemplars; {@link #ABSENT} when not given
 * @see <a href="https://grafana.com/docs/tempo/latest/api_docs/">Tempo's HTTP API</a>
 */
public record QuerySize(long results, long spans, long exemplars) {
  /** What stands for a number that is not given. */
  public static final long ABSENT = -1;

  /** What stands for a number that cannot be read. */
  public static final long UNREADABLE = -2;

  private static final QuerySize NONE = new QuerySize(ABSENT, ABSENT, ABSENT);
  private static final QuerySize MALFORMED = new QuerySize(UNREADABLE, UNREADABLE, UNREADABLE);

  /**
   * Of a query over HTTP.
   *
   * @param rawQuery what follows the {@code ?} of the request target, as it came; null for nothing
   */
  public static QuerySize ofHttp(@Nullable CharSequence rawQuery) {
    if (rawQuery == null || rawQuery.length() == 0) {
      return NONE;
    }
    Parameters found = new Parameters();
    QueryParameters.read(rawQuery, found);
    return new QuerySize(found.results, found.spans, found.exemplars);
  }

  /**
   * Of the body of a gRPC call, compressed or not. In one that is not complete, larger than 64 KiB,
   * or in an encoding that is not decoded here nothing can be read.
   *
   * @param place where the message says it
   * @param grpcEncoding the {@code grpc-encoding}
   * @param body the whole body, with the prefix of gRPC
   * @param pool of the event loop
   */
  public static QuerySize ofGrpcBody(
      SizePlace place, @Nullable CharSequence grpcEncoding, ByteBuf body, MeterPool pool) {
    QuerySize found =
        QueryMessage.read(
            Coding.of(grpcEncoding), body, pool, message -> QueryMessage.size(place, message));
    return found == null ? MALFORMED : found;
  }

  /** The largest number of each. */
  private static final class Parameters implements QueryParameters.Taker {
    private long results = ABSENT;
    private long spans = ABSENT;
    private long exemplars = ABSENT;

    @Override
    public void take(String name, QueryParameters.Value value) {
      switch (name) {
        case "limit" -> results = larger(results, number(value.text()));
        case "spss" -> spans = larger(spans, all(number(value.text())));
        case "exemplars" -> exemplars = larger(exemplars, number(value.text()));
        default -> {}
      }
    }

    /** To Tempo no spans are all spans. */
    private static long all(long number) {
      return number == 0 ? Long.MAX_VALUE : number;
    }

    private static long larger(long one, long other) {
      return one == UNREADABLE || other == UNREADABLE ? UNREADABLE : Math.max(one, other);
    }
  }

  /** A whole number as Go's {@code ParseUint} reads it, or older versions' {@code Atoi}. */
  private static long number(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return ABSENT;
    }
    int from = text.charAt(0) == '+' ? 1 : 0;
    long value = from == text.length() ? UNREADABLE : 0;
    for (int i = from; i < text.length() && value >= 0; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return UNREADABLE;
      }
      value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
    }
    return value;
  }
}
