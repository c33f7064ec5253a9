// What work costs that a device is busy with: its time always, energy and money where somebody says what an hour of it
// takes. Estimates: a device that waits is not counted. Plain data.
#pragma once

namespace troupe::evaluate {

struct DeviceCost {
  double watts = 0;           // of the device at work; 0: not known
  double price_per_hour = 0;  // in any currency; 0: not known

  double Joules(double device_seconds) const { return device_seconds * watts; }
  double Money(double device_seconds) const { return device_seconds / 3600 * price_per_hour; }
};

}  // namespace troupe::evaluate
