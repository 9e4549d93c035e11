package io.scopegate.gateway.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class ClientAddressTest {
  private static long of(String address) throws UnknownHostException {
    return ClientAddress.of(InetAddress.getByName(address));
  }

  @Test
  void anIpv4AddressIsAClient() throws UnknownHostException {
    assertThat(of("10.1.2.3")).isNotEqualTo(of("10.1.2.4")).isNotEqualTo(of("::a01:203"));
    assertThat(of("::ffff:10.1.2.3")).isEqualTo(of("10.1.2.3"));
  }

  @Test
  void anIpv6ClientHasAllAddressesOfItsNetwork() throws UnknownHostException {
    assertThat(of("2001:db8:1:2::1")).isEqualTo(of("2001:db8:1:2:ffff:1:2:3"));
    assertThat(of("2001:db8:1:3::1")).isNotEqualTo(of("2001:db8:1:2::1"));
  }
}
