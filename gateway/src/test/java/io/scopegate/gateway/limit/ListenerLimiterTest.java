package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.scopegate.config.DataSize;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.telemetry.RequestRecord;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What all clients of one listener share, by a clock that only moves when it is told to. */
class ListenerLimiterTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong clock = new AtomicLong();
  private final RequestRecord record = new RequestRecord("in", "", false, "HTTP/2", 0);

  private ListenerLimiter limiter(Double requests, Long bytes, Integer concurrent) {
    return new ListenerLimiter(
        "in",
        limits(requests, bytes, concurrent),
        new LocalBuckets(clock::get),
        new Delays(b -> 0));
  }

  private static ListenerLimits limits(Double requests, Long bytes, Integer concurrent) {
    return new ListenerLimits(requests, bytes == null ? null : new DataSize(bytes), concurrent);
  }

  @Test
  void withoutLimitsItLetsEverythingIn() {
    ListenerLimiter limiter = limiter(null, null, null);

    assertThat(limiter.isSet()).isFalse();
    assertThat(limiter.measures()).isFalse();
    assertThat(limiter.begin()).isNull();
    assertThat(limiter.received(Unpooled.wrappedBuffer(new byte[100]), true)).isNull();
  }

  @Test
  void anyOfItsLimitsCounts() {
    assertThat(limiter(1.0, null, null).isSet()).isTrue();
    assertThat(limiter(null, 1L, null).isSet()).isTrue();
    assertThat(limiter(null, null, 1).isSet()).isTrue();
  }

  @Test
  void aRequestOverTheRateIsAskedToWait() {
    ListenerLimiter limiter = limiter(2.0, null, null);
    assertThat(limiter.measures()).isFalse();
    assertThat(limiter.begin()).isNull();
    assertThat(limiter.begin()).isNull();

    Refusal refusal = limiter.begin();

    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.UNAVAILABLE);
    assertThat(refusal.detail()).contains("listener in is over requestsPerSecond", "2 a second");
    assertThat(refusal.retryAfterMillis()).isEqualTo(1_000);
    clock.addAndGet(SECOND / 2);
    assertThat(limiter.begin()).isNull();
    assertThat(limiter.begin()).isNotNull();
  }

  @Test
  void requestsAtATimeAreGivenBackAtTheirEndAndByTheRefusalItself() {
    ListenerLimiter limiter = limiter(null, null, 2);
    assertThat(limiter.begin()).isNull();
    assertThat(limiter.begin()).isNull();
    assertThat(limiter.begin().detail()).isEqualTo("limit: listener in is over concurrentRequests");
    assertThat(limiter.begin()).isNotNull();

    limiter.ended(record);

    assertThat(limiter.begin()).isNull();
    assertThat(limiter.begin()).isNotNull();
  }

  @Test
  void bytesThatCameOverTheRateKeepTheNextRequestsOut() {
    ListenerLimiter limiter = limiter(null, 100L, null);
    assertThat(limiter.measures()).isTrue();
    assertThat(limiter.begin()).isNull();
    assertThat(limiter.received(Unpooled.wrappedBuffer(new byte[99]), false)).isNull();
    assertThat(limiter.begin()).isNull();

    assertThat(limiter.received(Unpooled.wrappedBuffer(new byte[401]), true)).isNull();

    Refusal refusal = limiter.begin();
    assertThat(refusal.detail()).contains("listener in is over bytesPerSecond");
    assertThat(refusal.retryAfterMillis()).isEqualTo(4_010);
    clock.addAndGet(4 * SECOND);
    assertThat(limiter.begin()).isNotNull();
    clock.addAndGet(SECOND / 100);
    assertThat(limiter.begin()).isNull();
  }

  @Test
  void aRequestThatTheBytesKeepOutIsNotTakenFromTheRate() {
    ListenerLimiter limiter = limiter(1.0, 100L, null);
    limiter.received(Unpooled.wrappedBuffer(new byte[200]), true);
    assertThat(limiter.begin().detail()).contains("bytesPerSecond");

    limiter.reconfigure(limits(1.0, null, null));

    assertThat(limiter.begin()).isNull();
  }

  @Test
  void otherLimitsForgetNothingThatWasUsed() {
    ListenerLimiter limiter = limiter(2.0, null, 1);
    assertThat(limiter.begin()).isNull();

    limiter.reconfigure(limits(2.0, null, 2));

    assertThat(limiter.begin()).isNull();
    assertThat(limiter.begin()).isNotNull();
    limiter.reconfigure(limits(2.0, null, null));
    assertThat(limiter.begin().detail()).contains("requestsPerSecond");
  }
}
