package io.scopegate.gateway.meter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.scopegate.gateway.meter.QueryRange.State;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which ranges are found in queries. */
class QueryRangeTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long NOW = 1_700_000_000L * SECOND;
  private static final RangePlace SEARCH = RangePlace.seconds(5, 6);
  private static final RangePlace METRICS = RangePlace.nanos(2, 3);

  private final MeterPool pool = new MeterPool();

  @AfterEach
  void close() {
    pool.close();
  }

  @ParameterizedTest
  @CsvSource({
    "start=1699996400&end=1700000000, 3600",
    "q=%7B%7D&start=1699996400&end=1700000000&limit=20, 3600",
    "%73tart=1699996400&e%6Ed=1700000000, 3600",
    "start=1699996400000000000&end=1700000000000000000, 3600",
    "start=1699996400.000&end=1.7e9, 3600",
    "start=2023-11-14T21:13:20Z&end=2023-11-14T22:13:20.000Z, 3600",
    "start=2023-11-14T23:13:20%2B02:00&end=2023-11-14T20:13:20-02:00, 3600",
    "start=1699996400, 3600",
    "end=1700003600, 3600",
    "end=1699996400, 0",
    "since=1h, 3600",
    "since=1d1h30m1s500ms, 91801",
    "since=2h&start=1699996400&end=1700000000, 7200",
    "since=0, 0",
    "start=1700000000&end=1699996400, 0",
    "start=1699996400&start=1&end=1700000000, 3600",
    "start=%zz&start=1;x&start=1699996400&end=1700000000, 3600",
    "start=0&end=1700000000, 1700000000",
    "start=-5&end=1700000000, 1700000000",
    "start=00000000001&end=01700000000, 1699999999",
    "start=%2B1600000000&end=%2B1700000000, 1699999998",
    "start=1&end=00001700000000, 1699999999",
  })
  void readsTheRangeOfHttpQueries(String query, long seconds) {
    QueryRange range = QueryRange.ofHttp(query);

    assertThat(range.state()).isEqualTo(State.GIVEN);
    assertThat(range.lengthNanos(NOW) / SECOND).isEqualTo(seconds);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "q=start", "start=&start=5", "start", "starts=5&END=7", "&&==&"})
  void queriesWithoutARangeHaveNone(String query) {
    assertThat(QueryRange.ofHttp(query).state()).isEqualTo(State.NONE);
    assertThat(QueryRange.ofHttp(null).lengthNanos(NOW)).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "start=x",
        "start=+5",
        "end=now-1h",
        "since=1h1d",
        "since=5",
        "since=-1h",
        "start=2023-02-30T00:00:00Z",
        "start=2023-13-01T00:00:00Z",
        "start=2023-01-01T24:00:00Z",
        "start=1.5.5",
        "end=NaN",
        "end=0x1.8p3",
        "start=11111111111111111111111111111111111111111111111111111111111111111",
      })
  void whatIsNoTimeIsMalformed(String query) {
    assertThat(QueryRange.ofHttp(query).state()).isEqualTo(State.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "start=0&end=9999999999",
        "start=0&end=99999999999999999999999999",
        "start=0&end=1.0e300",
        "start=0&end=9999-12-31T23:59:59Z",
        "since=999999999999y",
        "since=292y292y",
        "end=9999999999&since=292y",
      })
  void whatIsTooLargeIsTheLargest(String query) {
    QueryRange range = QueryRange.ofHttp(query);

    if (range.state() == State.GIVEN) {
      assertThat(range.lengthNanos(NOW)).isGreaterThan(Long.MAX_VALUE - NOW);
    } else {
      assertThat(query).contains("y292y");
    }
  }

  @Test
  void readsTheRangeOfSearchesOverGrpc() {
    ByteBuf message = search(1_000, 4_600);

    assertThat(QueryRange.ofGrpc(SEARCH, message).lengthNanos(NOW)).isEqualTo(3_600 * SECOND);
    assertThat(QueryRange.ofGrpc(SEARCH, message).startNanos()).isEqualTo(1_000 * SECOND);
    assertThat(message.readerIndex()).isZero();
  }

  @Test
  void readsTheFieldsThatItIsTold() {
    assertRange(RangePlace.seconds(3, 4), 3, 4, SECOND);
    assertRange(RangePlace.seconds(6, 5), 6, 5, SECOND);
    assertRange(RangePlace.nanos(2, 3), 2, 3, 1);
  }

  private static void assertRange(RangePlace place, int start, int end, long unit) {
    Proto message =
        new Proto().bytes(1, new byte[3]).varint(start, 100).varint(99, 5).varint(end, 700);
    QueryRange range = QueryRange.ofGrpc(place, message.buffer());

    assertThat(range).isEqualTo(new QueryRange(State.GIVEN, 100 * unit, 700 * unit, -1));
  }

  @Test
  void aPlaceInAMessageHasTwoFields() {
    assertThatIllegalArgumentException().isThrownBy(() -> RangePlace.seconds(0, 4));
    assertThatIllegalArgumentException().isThrownBy(() -> RangePlace.nanos(4, 4));
  }

  @Test
  void zeroIsNotGiven() {
    assertThat(QueryRange.ofGrpc(SEARCH, search(0, 0)).state()).isEqualTo(State.NONE);
    assertThat(QueryRange.ofGrpc(SEARCH, Unpooled.EMPTY_BUFFER).state()).isEqualTo(State.NONE);
    assertThat(QueryRange.ofGrpc(SEARCH, search(1_600_000_000, 0)).lengthNanos(NOW))
        .isEqualTo(100_000_000 * SECOND);
    assertThat(QueryRange.ofGrpc(SEARCH, search(0, 50)).lengthNanos(NOW)).isEqualTo(50 * SECOND);
  }

  @Test
  void messagesWithoutARangeHaveNone() {
    for (RangePlace place : new RangePlace[] {RangePlace.NOWHERE, RangePlace.QUERY_STRING}) {
      assertThat(QueryRange.ofGrpc(place, search(1, 2)).state()).isEqualTo(State.NONE);
      assertThat(
              QueryRange.ofGrpcBody(place, null, Compressed.frame(0, new byte[] {1, 2}), pool)
                  .state())
          .isEqualTo(State.NONE);
    }
  }

  @Test
  void brokenMessagesAreMalformed() {
    byte[][] messages = {
      {0x28}, // a start without a value
      {0x2a, 1, 1}, // a start that is not a number
      {0, 0}, // field 0
      {0x0a, 5, 1}, // longer than there is
      {0x0b}, // a group
      {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
    };
    for (byte[] message : messages) {
      assertThat(QueryRange.ofGrpc(SEARCH, Unpooled.wrappedBuffer(message)).state())
          .isEqualTo(State.MALFORMED);
    }
  }

  @Test
  void hugeTimesDoNotOverflow() {
    ByteBuf message = new Proto().varint(2, 1).varint(3, -1).buffer();

    assertThat(QueryRange.ofGrpc(METRICS, message).lengthNanos(NOW)).isEqualTo(Long.MAX_VALUE - 1);
  }

  @Test
  void readsTheBodyOfACallCompressedOrNot() {
    byte[] message = SearchRequest.newBuilder().setStart(10).setEnd(70).build().toByteArray();
    assertBody(null, Compressed.frame(0, message));
    assertBody("gzip", Compressed.frame(0, message));
    assertBody("gzip", Compressed.frame(1, Compressed.gzip(message)));
    assertBody("deflate", Compressed.frame(1, Compressed.zlib(message)));
  }

  private void assertBody(String encoding, ByteBuf body) {
    QueryRange range = QueryRange.ofGrpcBody(SEARCH, encoding, body, pool);

    assertThat(range.lengthNanos(NOW)).isEqualTo(60 * SECOND);
  }

  @Test
  void bodiesThatCannotBeReadAreMalformed() {
    byte[] gzip = Compressed.gzip(new Proto().varint(5, 10).toByteArray());
    assertMalformed("gzip", Compressed.frame(1, Compressed.gzip(new byte[1_000_000])));
    assertMalformed("gzip", Compressed.frame(1, Arrays.copyOf(gzip, gzip.length - 9)));
    assertMalformed("zstd", Compressed.frame(1, gzip));
    assertMalformed("gzip", Compressed.frame(0, new byte[70_000]));
    assertMalformed("gzip", Compressed.frame(3, gzip));
    assertMalformed(null, Compressed.frame(1, gzip));
    assertMalformed(null, Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0, 9, 1}));
    assertMalformed(null, Unpooled.wrappedBuffer(new byte[] {0, 0}));
  }

  private void assertMalformed(String encoding, ByteBuf body) {
    assertThat(QueryRange.ofGrpcBody(SEARCH, encoding, body, pool).state())
        .isEqualTo(State.MALFORMED);
  }

  @Property(tries = 20_000, seed = "20261124")
  void anyBytesHaveARangeOrNone(@ForAll byte[] bytes) {
    ByteBuf message = Unpooled.wrappedBuffer(bytes);

    assertThat(QueryRange.ofGrpc(METRICS, message).lengthNanos(NOW)).isNotNegative();
    assertThat(QueryRange.ofGrpc(SEARCH, message).lengthNanos(NOW)).isNotNegative();
    try (MeterPool own = new MeterPool()) {
      assertThat(QueryRange.ofGrpcBody(SEARCH, "gzip", message, own)).isNotNull();
    }
  }

  @Property(tries = 20_000, seed = "20261124")
  void anyTextHasARangeOrNone(@ForAll String text) {
    for (String name : new String[] {"", "start=", "end=", "since="}) {
      assertThat(QueryRange.ofHttp(name + text).lengthNanos(NOW)).isNotNegative();
    }
  }

  private static ByteBuf search(int start, int end) {
    return Unpooled.wrappedBuffer(
        SearchRequest.newBuilder()
            .putTags("a", "b")
            .setQuery("{}")
            .setStart(start)
            .setEnd(end)
            .build()
            .toByteArray());
  }

  /** As Go's {@code strconv.ParseInt(s, 10, 32)} and {@code ParseUint(s, 10, 32)} read it. */
  private static List<Long> secondsOfSearch(String text) {
    BigInteger value = new BigInteger(text);
    List<Long> readings = new ArrayList<>();
    if (value.bitLength() < 32) {
      readings.add(Integer.toUnsignedLong(value.intValue()));
    }
    if (Character.isDigit(text.charAt(0)) && value.bitLength() <= 32) {
      readings.add(value.longValue());
    }
    return readings;
  }

  /** As Tempo's {@code parseTimestamp} reads a whole number, in nanoseconds. */
  private static List<BigInteger> nanosOfMetrics(String text) {
    BigInteger value = new BigInteger(text);
    if (value.bitLength() >= 64) {
      return List.of();
    }
    return List.of(text.length() <= 10 ? value.multiply(BigInteger.valueOf(SECOND)) : value);
  }

  /** No spelling of a number makes a query ask Tempo for more than is measured here. */
  @Property
  void noReadingOfTempoIsLongerThanTheOneHere(
      @ForAll @LongRange(min = -3_000_000_000L, max = 1_800_000_000_000_000_000L) long from,
      @ForAll @LongRange(min = -3_000_000_000L, max = 1_800_000_000_000_000_000L) long to,
      @ForAll @IntRange(max = 12) int zeros,
      @ForAll boolean small,
      @ForAll boolean plus) {
    String start = spelled(small ? from % 2_000_000_000L : from, zeros, plus);
    String end = spelled(small ? to % 2_000_000_000L : to, zeros, plus);
    QueryRange range =
        QueryRange.ofHttp("start=" + start.replace("+", "%2B") + "&end=" + end.replace("+", "%2B"));
    BigInteger measured = BigInteger.valueOf(range.lengthNanos(NOW));

    for (long one : secondsOfSearch(start)) {
      for (long other : secondsOfSearch(end)) {
        assertThat(measured)
            .isGreaterThanOrEqualTo(
                BigInteger.valueOf(other - one).multiply(BigInteger.valueOf(SECOND)));
      }
    }
    for (BigInteger one : nanosOfMetrics(start)) {
      for (BigInteger other : nanosOfMetrics(end)) {
        assertThat(measured)
            .isGreaterThanOrEqualTo(other.max(BigInteger.ZERO).subtract(one.max(BigInteger.ZERO)));
      }
    }
  }

  private static String spelled(long value, int zeros, boolean plus) {
    String sign = value < 0 ? "-" : plus ? "+" : "";
    return sign + "0".repeat(zeros) + Math.abs(value);
  }
}
