package io.scopegate.gateway.forward;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResetPacingTest {
  private static final String SHARED = "shared";
  private static final String OWN = "own";

  private final ResetPacing<String> pacing = new ResetPacing<>(1);
  private long nanos = 5;

  private void resets(String connection, String owner, int times) {
    for (int i = 0; i < times; i++) {
      pacing.reset(connection, owner, nanos);
    }
  }

  @Test
  void aStreamThatWasResetCountsForTenSeconds() {
    resets(SHARED, "a", 3);
    nanos += ResetPacing.OCCUPIED_NANOS - 1;
    pacing.expire(nanos);
    assertThat(pacing.occupied(SHARED)).isEqualTo(3);
    pacing.expire(nanos + 1);
    assertThat(pacing.occupied(SHARED)).isZero();
  }

  @Test
  void whoResetsSeldomSharesWithEverybody() {
    resets(SHARED, "a", ResetPacing.SHARED - 1);
    assertThat(pacing.nextAlone()).isNull();
    assertThat(pacing.mayUse(SHARED, "a")).isTrue();
  }

  @Test
  void whoResetsManyStreamsSharesWithNobody() {
    resets(SHARED, "a", ResetPacing.SHARED);
    assertThat(pacing.mayUse(SHARED, "a")).isFalse();
    assertThat(pacing.mayUse(SHARED, "b")).isTrue();
    assertThat(pacing.nextAlone()).isEqualTo("a");
    pacing.reserve(OWN, "a");
    assertThat(pacing.nextAlone()).isNull();
    assertThat(pacing.mayUse(OWN, "a")).isTrue();
    assertThat(pacing.mayUse(OWN, "b")).isFalse();
  }

  @Test
  void whenThereAreTooManyOfThemTheyShareAmongEachOther() {
    resets(SHARED, "a", ResetPacing.SHARED);
    pacing.reserve(OWN, "a");
    resets(SHARED, "b", ResetPacing.SHARED);
    assertThat(pacing.nextAlone()).as("one connection is the most").isNull();
    assertThat(pacing.mayUse(OWN, "b")).isTrue();
    assertThat(pacing.mayUse(SHARED, "b")).isFalse();
    assertThat(pacing.mayUse(OWN, "c")).isFalse();
  }

  @Test
  void whoHasStoppedSharesAgain() {
    resets(SHARED, "a", ResetPacing.SHARED);
    pacing.reserve(OWN, "a");
    assertThat(pacing.expire(nanos + ResetPacing.OCCUPIED_NANOS)).containsExactly(OWN);
    assertThat(pacing.isAlone("a")).isFalse();
    assertThat(pacing.reserved()).isZero();
    assertThat(pacing.mayUse(SHARED, "a")).isTrue();
  }

  @Test
  void aConnectionThatIsGoneIsNobodys() {
    resets(SHARED, "a", ResetPacing.SHARED);
    pacing.reserve(OWN, "a");
    resets(OWN, "a", 5);
    pacing.gone(OWN);
    assertThat(pacing.occupied(OWN)).isZero();
    assertThat(pacing.nextAlone()).as("it gets another one").isEqualTo("a");
    assertThat(pacing.expire(nanos + ResetPacing.OCCUPIED_NANOS)).isEmpty();
  }
}
