package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class UserSharesTest {
  @Test
  void sharesAreForgottenWhenNothingIsOnItsWay() {
    UserShares<String> shares = new UserShares<>(1);
    assertThat(shares.take("jane")).isTrue();
    assertThat(shares.take("jane")).isFalse();
    assertThat(shares.take("joe")).isTrue();
    shares.giveBack("jane");
    assertThat(shares.users()).isEqualTo(1);
    assertThat(shares.take("jane")).isTrue();
  }
}
