package io.scopegate.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TranscriptTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Transcript transcript =
      new Transcript(new PrintStream(bytes, true, StandardCharsets.UTF_8));

  @Test
  void isAsExpectedWhenEveryClaimHeld() {
    transcript.claim(true, "one");
    transcript.summary(Duration.ofMillis(1500));

    assertThat(transcript.isAsExpected()).isTrue();
    assertThat(text()).contains("✓ one").contains("all 1 checks passed, in 1.5 s");
  }

  @Test
  void isNotAsExpectedWhenOneDiffers() {
    transcript.claim(true, "one");
    transcript.claim(false, "two");
    transcript.summary(Duration.ZERO);

    assertThat(transcript.isAsExpected()).isFalse();
    assertThat(text()).contains("✗ two").contains("1 of 2 checks failed");
  }

  @Test
  void isNotAsExpectedWhenNothingWasClaimed() {
    assertThat(transcript.isAsExpected()).isFalse();
  }

  @Test
  void breaksLongNotesBetweenWords() {
    transcript.note("word ".repeat(40));

    assertThat(text().lines()).hasSizeGreaterThan(1).allMatch(line -> line.length() <= 96);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
