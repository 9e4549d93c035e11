package io.scopegate.authz;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ServiceAccountTest {
  @Test
  void isReadAsItIsWritten() {
    ServiceAccount account = new ServiceAccount("payments", "ingest");
    assertThat(account).hasToString("system:serviceaccount:payments:ingest");
    assertThat(ServiceAccount.parse(account.toString())).isEqualTo(account);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "jane",
        "system:serviceaccount:",
        "system:serviceaccount:payments",
        "system:serviceaccount:payments:",
        "system:serviceaccount::ingest",
        "system:serviceaccount:payments:ingest:more",
        "system:serviceaccounts:payments:ingest",
        "System:serviceaccount:payments:ingest"
      })
  void othersAreNoServiceAccounts(String user) {
    assertThat(ServiceAccount.parse(user)).isNull();
  }
}
