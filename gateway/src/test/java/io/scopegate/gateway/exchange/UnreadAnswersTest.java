package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnreadAnswersTest {
  private final UnreadAnswers unread = new UnreadAnswers();

  @Test
  void areManyAboveWhatAnHonestClientLeaves() {
    for (int i = 0; i < UnreadAnswers.MOST; i++) {
      unread.add();
    }
    assertThat(unread.areMany()).isFalse();
    unread.add();
    assertThat(unread.areMany()).isTrue();
    unread.remove();
    assertThat(unread.areMany()).isFalse();
  }

  @Test
  void areStuckWhenNothingOfThemWasWrittenForSoLong() {
    long begun = 1_000;
    assertThat(unread.areStuck(begun + ExchangeDeadlines.UNREAD_NANOS))
        .as("there is none")
        .isFalse();
    unread.queue(10, begun);
    unread.queue(10, begun + 500); // more of them is no progress
    assertThat(unread.bytes()).isEqualTo(20);
    assertThat(unread.areStuck(begun + ExchangeDeadlines.UNREAD_NANOS - 1)).isFalse();
    assertThat(unread.areStuck(begun + ExchangeDeadlines.UNREAD_NANOS)).isTrue();

    unread.unqueue(5, begun + 1_000);

    assertThat(unread.areStuck(begun + ExchangeDeadlines.UNREAD_NANOS)).isFalse();
    assertThat(unread.areStuck(begun + 1_000 + ExchangeDeadlines.UNREAD_NANOS)).isTrue();
    unread.unqueue(15, begun + 2_000);
    assertThat(unread.bytes()).isZero();
    assertThat(unread.areStuck(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void noneIsTakenWhenManyAreCompleteAndNoStreamEnds() {
    unread.begin(0);
    for (int i = 0; i < UnreadAnswers.MOST; i++) {
      unread.completed();
    }
    long much = ExchangeDeadlines.UNREAD_NANOS;
    assertThat(unread.isNoneTaken(much + 1)).as("no more than may wait").isFalse();

    unread.completed();

    assertThat(unread.isNoneTaken(2 * much)).isFalse();
    assertThat(unread.isNoneTaken(2 * much + 2)).isTrue();
    unread.streamEnded();
    assertThat(unread.isNoneTaken(3 * much)).as("a stream has ended").isFalse();
    assertThat(unread.isNoneTaken(4 * much)).isFalse();
    assertThat(unread.isNoneTaken(4 * much + 1)).isTrue();
    unread.taken();
    assertThat(unread.isNoneTaken(5 * much + 2)).isFalse();
    assertThat(unread.complete()).isEqualTo(UnreadAnswers.MOST);
  }
}
