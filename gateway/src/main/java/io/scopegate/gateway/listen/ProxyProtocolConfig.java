package io.scopegate.gateway.listen;

import io.scopegate.config.Cidr;
import io.scopegate.config.Key;
import java.net.InetAddress;
import java.util.List;

/**
 * Load balancers that say by the <a
 * href="https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt">PROXY protocol</a> whom a
 * connection is from.
 *
 * @param from their addresses; empty for none
 */
public record ProxyProtocolConfig(
    @Key(
            doc =
                "Addresses of the load balancers whose connections begin with a PROXY header,"
                    + " version 1 or 2, before TLS or clear text. They must send one, and nobody else"
                    + " may. Empty: nobody.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<Cidr> from) {

  /** Copies the list. */
  public ProxyProtocolConfig {
    from = List.copyOf(from);
  }

  /** Whether anybody is believed. */
  boolean isOn() {
    return !from.isEmpty();
  }

  /** Whether a connection from this address begins with a header. */
  boolean isFrom(InetAddress address) {
    for (Cidr range : from) {
      if (range.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
