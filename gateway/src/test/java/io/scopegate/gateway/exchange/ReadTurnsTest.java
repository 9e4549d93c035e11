package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class ReadTurnsTest {
  private static final long PIECE_NANOS = 100_000;

  private final List<String> read = new ArrayList<>();
  private final Queue<Round> rounds = new ArrayDeque<>();
  private long nanos = 1_000;
  private final ReadTurns turns =
      new ReadTurns(() -> nanos, (round, delay) -> rounds.add(new Round(round, delay)));

  private record Round(Runnable run, long delayNanos) {}

  /** A connection of which each piece takes a tenth of a millisecond. */
  private final class Connection implements ReadTurns.Reader {
    private final String name;
    private int pieces;

    Connection(String name, int pieces) {
      this.name = name;
      this.pieces = pieces;
    }

    @Override
    public boolean read(long untilNanos) {
      do {
        read.add(name);
        pieces--;
        nanos += PIECE_NANOS;
      } while (pieces > 0 && nanos - untilNanos < 0);
      return pieces > 0;
    }
  }

  private void round() {
    rounds.remove().run().run();
  }

  private void allRounds() {
    while (!rounds.isEmpty()) {
      round();
    }
  }

  @Test
  void oneConnectionHasTheLoopForAQuarterOfAMillisecondAndThenTheNextOne() {
    turns.add("a", new Connection("a1", 6));
    turns.add("b", new Connection("b1", 2));
    allRounds();
    assertThat(read).containsExactly("a1", "a1", "a1", "b1", "b1", "a1", "a1", "a1");
  }

  @Test
  void anOwnerWithManyConnectionsHasAsManyTurnsAsOneWithOne() {
    for (int i = 0; i < 50; i++) {
      turns.add("flood", new Connection("flood", 3));
    }
    turns.add("other", new Connection("other", 9));
    round();
    assertThat(read).filteredOn("other"::equals).hasSize(9);
    assertThat(read).filteredOn("flood"::equals).hasSizeBetween(9, 12);
  }

  @Test
  void afterTwoMillisecondsTheLoopDoesSomethingElseForAsLong() {
    turns.add("a", new Connection("a1", 1_000));
    long begun = nanos;
    round();
    long took = nanos - begun;
    assertThat(took).isBetween(ReadTurns.ROUND_NANOS, ReadTurns.ROUND_NANOS + 3 * PIECE_NANOS);
    assertThat(rounds).hasSize(1);
    assertThat(rounds.element().delayNanos()).isEqualTo(took);
  }

  @Test
  void theFirstRoundComesAtOnceAndOneAtATime() {
    turns.add("a", new Connection("a1", 1));
    turns.add("b", new Connection("b1", 1));
    assertThat(rounds).hasSize(1);
    assertThat(rounds.element().delayNanos()).isZero();
  }

  @Test
  void everythingThatWaitsIsReadInTheEnd() {
    for (int i = 0; i < 200; i++) {
      turns.add("owner " + i % 7, new Connection("c", 50));
    }
    allRounds();
    assertThat(read).hasSize(200 * 50);
  }

  @Test
  void aReaderThatFailsLosesItsPlaceAndNobodyElseDoes() {
    turns.add(
        "a",
        until -> {
          throw new IllegalStateException("a defect");
        });
    turns.add("b", new Connection("b1", 20));
    allRounds();
    assertThat(read).hasSize(20);
  }
}
