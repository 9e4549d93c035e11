package io.scopegate.testkit.tempo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TenantsTest {
  private final Tenants tenants = new Tenants(true);

  @Test
  void readsTenantsAsTempoDoes() {
    assertThat(tenants.ofHttp(List.of("a"))).containsExactly("a");
    assertThat(tenants.ofHttp(List.of("b|a|b"))).containsExactly("a", "b");
    assertThat(tenants.ofHttp(List.of("a", "b"))).containsExactly("a");
    assertThat(tenants.ofHttp(List.of("a:x=y"))).containsExactly("a");
    assertThat(tenants.ofGrpc(List.of("a"))).containsExactly("a");
    assertThat(new Tenants(false).ofHttp(List.of())).containsExactly("single-tenant");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a|", "a/b", "a b", ":x=y"})
  void refusesWhatIsNoTenant(String value) {
    assertThatThrownBy(() -> tenants.ofHttp(List.of(value)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wantsExactlyOneValueByGrpc() {
    assertThatThrownBy(() -> tenants.ofGrpc(List.of("a", "a")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tenants.ofGrpc(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wantsOneTenantToWriteTo() {
    assertThatThrownBy(() -> Tenants.one(List.of("a", "b")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
