package io.scopegate.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A range of addresses, written like {@code 10.0.0.0/8}, {@code fd00::/8} or, for a single one,
 * {@code 10.0.0.1}.
 *
 * @param base an address in the range
 * @param bits how many leading bits all addresses of the range have in common
 */
@ScalarType(
    name = "address range",
    expected = "an address range such as 10.0.0.0/8 or fd00::/8",
    pattern = "^[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?$")
public record Cidr(InetAddress base, int bits) {
  /** Refuses a range of more bits than an address has. */
  public Cidr {
    if (bits < 0 || bits > base.getAddress().length * Byte.SIZE) {
      throw new IllegalArgumentException("bits: " + bits + " (expected: no more than an address)");
    }
  }

  /**
   * Reads a range; asks no name server.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    String length = slash < 0 ? "" : text.substring(slash + 1);
    if (!Ip.isIpv4(address) && (!Ip.isIpv6(address) || address.indexOf('%') >= 0)
        || slash >= 0 && !length.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("range: " + text + " (expected: such as 10.0.0.0/8)");
    }
    try {
      InetAddress base = InetAddress.getByName(address);
      int all = base.getAddress().length * Byte.SIZE;
      return new Cidr(base, slash < 0 ? all : Integer.parseInt(length));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("range: " + text + " (expected: such as 10.0.0.0/8)", e);
    }
  }

  /** Whether an address is in the range. */
  public boolean contains(InetAddress address) {
    byte[] mine = base.getAddress();
    byte[] other = address.getAddress();
    if (mine.length != other.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> bit % Byte.SIZE;
      if (((mine[bit / Byte.SIZE] ^ other[bit / Byte.SIZE]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return base.getHostAddress() + "/" + bits;
  }
}
