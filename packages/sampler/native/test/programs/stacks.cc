// Exceptions, virtual calls, templates and lambdas, on several threads.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace shapes {

struct Shape {
  virtual ~Shape() = default;
  virtual double Area(int depth) const = 0;
};

struct Square final : Shape {
  double Area(int depth) const override {
    if (depth == 0) throw std::runtime_error("the end of " + std::to_string(depth));
    return Area(depth - 1) + 1;
  }
};

template <typename Key, typename Value>
Value Total(const std::map<Key, Value>& values) {
  Value total{};
  for (const auto& [key, value] : values) total += value;
  return total;
}

}  // namespace shapes

static volatile double sink;

static void Work() {
  const std::unique_ptr<shapes::Shape> shape = std::make_unique<shapes::Square>();
  const std::function<double(int)> area = [&](int depth) { return shape->Area(depth); };
  while (true) {
    try {
      sink = sink + area(20);
    } catch (const std::exception& error) {
      sink = sink + error.what()[0];
    }
    std::vector<std::string> words;
    for (int i = 0; i < 200; ++i) words.push_back(std::to_string(i * 7919 % 200));
    std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() < b.size() : a < b; });
    std::map<std::string, double> values;
    for (const auto& word : words) values[word] += 1;
    std::ostringstream out;
    out << shapes::Total(values) << words.front();
    sink = sink + double(out.str().size());
  }
}

int main() {
  std::thread(Work).detach();
  std::puts("ready");
  std::fflush(stdout);
  Work();
}
