package io.scopegate.gateway.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class CompilerActivityTest {
  private final AtomicLong millis = new AtomicLong(1_000);
  private final CompilerActivity compiler = new CompilerActivity(millis::get);

  private int looksUntilQuiet(long millisPerLook, int most) {
    for (int looks = 1; looks <= most; looks++) {
      millis.addAndGet(millisPerLook);
      if (compiler.isQuiet()) {
        return looks;
      }
    }
    return -1;
  }

  @Test
  void isQuietAfterEightLooksWithoutWork() {
    assertThat(looksUntilQuiet(0, 20)).isEqualTo(8);
  }

  @Test
  void isQuietWhenItHasNearlyNothingToDo() {
    assertThat(looksUntilQuiet(4, 20)).isEqualTo(8);
  }

  @Test
  void isNotQuietWhileItCompiles() {
    assertThat(looksUntilQuiet(5, 100)).isEqualTo(-1);
  }

  @Test
  void beginsAnewWhenItCompilesAgain() {
    looksUntilQuiet(0, 7);
    millis.addAndGet(50);
    compiler.isQuiet();

    assertThat(looksUntilQuiet(0, 20)).isEqualTo(8);
  }
}
