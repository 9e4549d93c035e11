package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogOutputTest {
  @Test
  void writesLinesFromAnyThread() throws InterruptedException {
    Lines lines = new Lines();
    try (LogOutput output = new LogOutput(lines)) {
      output.offer(bytes("one\n"));
      assertThat(lines.next()).isEqualTo("one");
      Thread other = new Thread(() -> output.offer(bytes("two\n")));
      other.start();
      assertThat(lines.next()).isEqualTo("two");
      other.join();
    }
  }

  @Test
  void keepsAMegabyteWhileTheOutputStallsAndCountsTheRest() throws InterruptedException {
    Lines lines = new Lines();
    try (LogOutput output = new LogOutput(lines)) {
      lines.stall();
      byte[] line = bytes("x".repeat(10_239) + "\n");
      for (int i = 0; i < 200; i++) {
        output.offer(line);
      }
      lines.resume();

      assertThat(output.dropped()).isBetween(90L, 98L);
      for (long i = 0; i < 200 - output.dropped(); i++) {
        assertThat(lines.next()).hasSize(10_239);
      }
    }
  }

  @Test
  void survivesAnOutputThatFailsForAWhile() throws InterruptedException {
    Lines lines = new Lines();
    try (LogOutput output = new LogOutput(lines)) {
      lines.breakOff();
      output.offer(bytes("lost\n"));
      while (output.dropped() == 0) {
        Thread.onSpinWait();
      }
      lines.mend();
      output.offer(bytes("found\n"));

      assertThat(lines.next()).isEqualTo("found");
    }
  }

  @Test
  void ringsHandLinesOverInOrderAndWhole() throws IOException {
    // Given a ring and lines of all sizes
    ByteRing ring = new ByteRing(1024, () -> {});
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<String> taken = new ArrayList<>();
    Random random = new Random(20261121);

    // When they are offered faster than they are taken
    for (int i = 0; i < 10_000; i++) {
      String line = i + "x".repeat(random.nextInt(300)) + "\n";
      if (ring.offer(bytes(line), line.length())) {
        taken.add(line);
      }
      if (random.nextInt(4) == 0) {
        ring.drainTo(out);
      }
    }
    ring.drainTo(out);

    // Then those that were taken arrive
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(String.join("", taken));
    assertThat(taken).hasSizeBetween(1_000, 9_999);
  }

  @Test
  void ringsHandLinesOverBetweenThreads() throws Exception {
    ByteRing ring = new ByteRing(1024, () -> {});
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Thread producer =
        new Thread(() -> {
          for (int i = 0; i < 50_000; i++) {
            byte[] line = bytes(i + "\n");
            while (!ring.offer(line, line.length)) {
              Thread.onSpinWait();
            }
          }
          ring.close();
        });
    producer.start();
    while (!ring.isSpent()) {
      ring.drainTo(out);
    }

    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(50_000);
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i)).isEqualTo(Integer.toString(i));
    }
  }

  @Test
  void ringsWakeTheWriterOnceAQuarterIsFull() {
    int[] woken = {0};
    ByteRing ring = new ByteRing(1024, () -> woken[0]++);

    ring.offer(new byte[200], 200);
    assertThat(woken[0]).isZero();
    ring.offer(new byte[200], 200);
    assertThat(woken[0]).isEqualTo(1);
    assertThat(ring.isPressing()).isTrue();
    ring.offer(new byte[200], 200);
    assertThat(woken[0]).isEqualTo(1);
  }

  @Test
  void aRingThatIsFullIsReplacedByALargeOneOnce() throws IOException {
    List<ByteRing> made = new ArrayList<>();
    GrowingRing ring =
        new GrowingRing(capacity -> {
          made.add(new ByteRing(capacity, () -> {}));
          return made.get(made.size() - 1);
        });
    byte[] line = bytes("x".repeat(1023) + "\n");
    int taken = 0;
    while (ring.offer(line, line.length)) {
      taken++;
    }
    assertThat(taken).isEqualTo((GrowingRing.FIRST_BYTES + GrowingRing.MOST_BYTES) / 1024);
    assertThat(made).hasSize(2);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    made.get(0).drainTo(out);
    assertThat(out.size()).isEqualTo(GrowingRing.FIRST_BYTES);
    assertThat(made.get(0).isSpent()).isTrue();

    made.get(1).drainTo(out);
    assertThat(ring.offer(line, line.length)).isTrue();
    assertThat(made.get(1).isSpent()).isFalse();
    ring.close();
    made.get(1).drainTo(out);
    assertThat(made.get(1).isSpent()).isTrue();
  }

  @Test
  void linesStayInTheirOrderWhereARingIsReplaced() throws Exception {
    Lines lines = new Lines();
    try (LogOutput output = new LogOutput(lines)) {
      GrowingRing ring = new GrowingRing(output::newRing);
      for (int i = 0; i < 20_000; i++) {
        byte[] line = bytes(i + " ".repeat(100) + "\n");
        while (!ring.offer(line, line.length)) {
          Thread.onSpinWait();
        }
      }
      for (int i = 0; i < 20_000; i++) {
        assertThat(lines.next().strip()).isEqualTo(Integer.toString(i));
      }
    }
  }

  @Test
  void ringsHaveASizeThatIsAPowerOfTwo() {
    assertThatThrownBy(() -> new ByteRing(1000, () -> {}))
        .hasMessage("capacity: 1000 (expected: a power of two)");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
