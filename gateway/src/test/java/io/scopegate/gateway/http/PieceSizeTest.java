package io.scopegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PieceSizeTest {
  private final PieceSize size = new PieceSize();

  @Test
  void beginsSmall() {
    assertThat(size.bytes()).isEqualTo(1_024);
  }

  @Test
  void growsWhilePiecesAreCheapUpToABound() {
    size.took(59_999);
    assertThat(size.bytes()).isEqualTo(2_048);
    for (int i = 0; i < 10; i++) {
      size.took(0);
    }
    assertThat(size.bytes()).isEqualTo(8_192);
  }

  @Test
  void staysWhereAPieceTakesAsLongAsItShould() {
    size.took(0);
    size.took(60_000);
    size.took(119_999);
    assertThat(size.bytes()).isEqualTo(2_048);
  }

  @Test
  void isSmallAgainAfterACostlyPiece() {
    size.took(0);
    size.took(0);
    size.took(120_000);
    assertThat(size.bytes()).isEqualTo(1_024);
  }
}
